// Runs turbo with a pnpm that it can start. It runs on the machine's Node, so it is plain JavaScript.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { pnpmEnvironment } from './native-pnpm.mjs';

const { status } = spawnSync('turbo', process.argv.slice(2), { stdio: 'inherit', env: pnpmEnvironment() });
process.exit(status ?? 1);
