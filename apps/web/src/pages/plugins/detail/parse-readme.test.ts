import { expect, it } from 'vitest';
import { parseReadme } from './parse-readme.ts';

it('a README becomes elements, without HTML of its own, images, and links to elsewhere than the web', () => {
  const text = [
    '# Clock & more',
    '<script>alert(1)</script>',
    'See [here](https://clock.example/a), [there](javascript:alert(1)) and ![a picture](https://clock.example/p.png).',
    '3. three\n4. four',
    '- [x] done',
    'a | b\n-- | :-:\n1 | 2',
  ].join('\n\n');
  const nodes = parseReadme(text) ?? [];
  const link = { tag: 'a', href: 'https://clock.example/a', children: ['here'] };
  const image = { tag: 'img', alt: 'a picture', children: [] };
  expect(nodes).toContainEqual({ tag: 'h1', children: ['Clock & more'] });
  expect(nodes).toContainEqual({ tag: 'p', children: ['See ', link, ', ', 'there', ' and ', image, '.'] });
  expect(nodes).toContainEqual(expect.objectContaining({ tag: 'ol', start: 3 }));
  const all = JSON.stringify(nodes);
  expect(all).toContain('{"tag":"input","children":[],"isChecked":true}');
  expect(all).toContain('{"tag":"td","children":["2"],"align":"center"}');
  expect(all).not.toContain('alert');
});

it('tables hold no texts between their cells', () => {
  const [table] = parseReadme('a | b\n-- | --\n1 | 2') ?? [];
  expect(table).toMatchObject({ tag: 'table', children: [{ tag: 'thead' }, { tag: 'tbody' }] });
});

it.each([
  ['quotes in quotes', '>'.repeat(100)],
  ['lists in lists', Array.from({ length: 50 }, (_, depth) => `${'  '.repeat(depth)}- a`).join('\n')],
  [
    'a table of ten thousand cells in two thousand bytes',
    `${'a|'.repeat(110)}\n${'-|'.repeat(110)}\n${'a\n'.repeat(800)}`,
  ],
  ['more elements than anybody reads', 'a\n\n'.repeat(5_100)],
  ['links that use one long address', `[a]: https://a.example/${'x'.repeat(2_000)}\n\n${'[a] '.repeat(300)}`],
])('does not set %s', (_, text) => {
  expect(parseReadme(text)).toBeUndefined();
});

it('an address that is too long is no link', () => {
  expect(parseReadme(`[a](https://a.example/${'x'.repeat(3_000)})`)).toEqual([{ tag: 'p', children: ['a'] }]);
});
