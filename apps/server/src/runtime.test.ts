import { expect, it } from 'vitest';
import { nodeVersionProblem } from './runtime.ts';

it.each(['20.20.2', '22.18.9', '8.0.0'])('Node %s is too old, and the message says what is needed', (version) => {
  expect(nodeVersionProblem(version)).toMatch(`needs Node 22.19.0 or newer, and this is ${version}`);
});

it.each(['22.19.0', '22.20.1', '24.0.0', '26.10.0'])('Node %s will do', (version) => {
  expect(nodeVersionProblem(version)).toBeUndefined();
});
