import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { pluginErrors } from './error-codes.ts';

it('docs/errors.md lists every code, with what it means and whether to try again', () => {
  const document = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const [, section = ''] = document.split('## Errors of plugins');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` +\| (yes|no) +\| (.+?) +\|$/gm)];
  const listed = rows.map(([, code, retryable, when]) => [code, { retryable: retryable === 'yes', when }]);
  expect(Object.fromEntries(listed)).toEqual(pluginErrors);
});
