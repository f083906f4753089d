import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isPluginLoadError, messageOf, pluginLoadErrors, PluginLoadError } from './plugin-load-error.ts';

it('docs/errors.md lists every code of a plugin in the page, with what it means and whether to try again', () => {
  const document = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const [, section = ''] = document.split('## Plugins in the page');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` +\| (yes|no) +\| (.+?) +\|$/gm)];
  const listed = rows.map(([, code, retryable, when]) => [code, { retryable: retryable === 'yes', when }]);
  expect(Object.fromEntries(listed)).toEqual(pluginLoadErrors);
});

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

it('knows its own errors among hostile ones', () => {
  const error = new PluginLoadError('E_PLUGIN_EVALUATE', 'why', { pluginId: 'hub:a/b', phase: 'evaluate' });
  expect([error, new Error('x'), trap, undefined].map(isPluginLoadError)).toEqual([true, false, false, false]);
  expect(error).toMatchObject({ message: 'hub:a/b: why', reason: 'why', needsReload: true });
  expect(new PluginLoadError('E_FETCH', 'why', { pluginId: 'hub:a/b', phase: 'fetch' }).needsReload).toBe(false);
});
