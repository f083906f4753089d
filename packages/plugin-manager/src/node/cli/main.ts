#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runCli } from './run.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};
const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Once: whoever asks a second time does not want to wait for what is being cleaned up.
  process.once(name, () => {
    controller.abort();
  });
}
// A reader that has gone (`| head -1`) is no failure.
process.stdout.on('error', () => undefined);
process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  workingFolder: workingFolder(),
  version,
  signal: controller.signal,
});

function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    // Somebody has removed it.
    return undefined;
  }
}
