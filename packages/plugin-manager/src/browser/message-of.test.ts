import { expect, it } from 'vitest';
import { messageOf } from './message-of.ts';
import { PluginLoadError } from './plugin-load-error.ts';

function throwing(): never {
  throw new Error('no text');
}

const trap = new Proxy(new Error('x'), { get: throwing, getPrototypeOf: throwing, has: throwing });

it.each([
  [new TypeError('x'), 'TypeError: x'],
  ['y', 'y'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [{ message: 'of another realm' }, 'of another realm'],
  [{ a: 1 }, '[object Object]'],
  [Object.assign(new Error('x'), { name: {} }), 'x'],
  [Object.assign(new Error(), { message: { toString: throwing } }), 'a value without a text'],
  [Object.assign(new Error(), { message: 7 }), 'a value without a text'],
  [Object.defineProperty(new Error('x'), 'message', { get: throwing }), 'a value without a text'],
  [Object.create(null), 'a value without a text'],
  [{ toString: throwing }, 'a value without a text'],
  [{ toString: () => ({}) }, 'a value without a text'],
  [trap, 'a value without a text'],
  [new PluginLoadError('E_PLUGIN_CRASHED', 'why', { pluginId: 'hub:a/b', phase: 'run' }), 'why'],
  ['x'.repeat(10_000), `${'x'.repeat(499)}…`],
])('has a text for whatever a plugin throws (%#)', (thrown, text) => {
  expect(messageOf(thrown)).toBe(text);
});
