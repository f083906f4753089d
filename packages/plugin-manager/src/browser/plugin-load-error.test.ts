import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { messageOf, pluginLoadErrors } from './plugin-load-error.ts';

it('docs/errors.md lists every code of a plugin in the page, with what it means and whether to try again', () => {
  const document = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const [, section = ''] = document.split('## Plugins in the page');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` +\| (yes|no) +\| (.+?) +\|$/gm)];
  const listed = rows.map(([, code, retryable, when]) => [code, { retryable: retryable === 'yes', when }]);
  expect(Object.fromEntries(listed)).toEqual(pluginLoadErrors);
});

it('has a text for whatever a plugin throws', () => {
  const hostile = {
    toString: () => {
      throw new Error('no text');
    },
  };
  expect([new TypeError('x'), 'y', undefined, Object.create(null), hostile].map(messageOf)).toEqual([
    'TypeError: x',
    'y',
    'undefined',
    'a value without a text',
    'a value without a text',
  ]);
});
