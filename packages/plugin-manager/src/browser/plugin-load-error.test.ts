import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isPluginLoadError, pluginLoadErrors, PluginLoadError } from './plugin-load-error.ts';

it('docs/errors.md lists every code of a plugin in the page, with what it means and whether to try again', () => {
  const document = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const [, section = ''] = document.split('## Plugins in the page');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` +\| (yes|no) +\| (.+?) +\|$/gm)];
  const listed = rows.map(([, code, retryable, when]) => [code, { retryable: retryable === 'yes', when }]);
  expect(Object.fromEntries(listed)).toEqual(pluginLoadErrors);
});

it('an error is retryable where its code is said to be', () => {
  for (const code of Object.keys(pluginLoadErrors) as (keyof typeof pluginLoadErrors)[]) {
    const { retryable } = new PluginLoadError(code, 'why', { pluginId: undefined, phase: 'list' });
    expect([code, retryable]).toEqual([code, pluginLoadErrors[code].retryable]);
  }
});

function throwing(): never {
  throw new Error('no text');
}

const trap = new Proxy(new Error('x'), { get: throwing, getPrototypeOf: throwing, has: throwing });

it('knows its own errors among hostile ones', () => {
  const error = new PluginLoadError('E_PLUGIN_EVALUATE', 'why', { pluginId: 'hub:a/b', phase: 'evaluate' });
  expect([error, new Error('x'), trap, undefined].map(isPluginLoadError)).toEqual([true, false, false, false]);
  expect(error).toMatchObject({ message: 'hub:a/b: why', reason: 'why', needsReload: true });
  expect(new PluginLoadError('E_FETCH', 'why', { pluginId: 'hub:a/b', phase: 'fetch' }).needsReload).toBe(false);
});
