#!/usr/bin/env node
import process from 'node:process';
import { nodeVersionProblem } from './runtime.ts';

const problem = nodeVersionProblem(process.versions.node);
if (problem === undefined) {
  // Imported afterwards: an older Node fails already while it links what the server imports.
  const { runCli } = await import('./cli.ts');
  await runCli(process.argv.slice(2));
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
