import { expect, it } from 'vitest';
import { declaredSchemas } from './contributions.ts';
import { comparablePath } from './comparable-path.ts';

function themeOf(value: string) {
  return { id: 't', title: 'T', colorScheme: 'dark', variables: { '--a': value } };
}

it.each([
  '#123456',
  'rgb(1 2 3 / 50%)',
  'OKLCH(0.7 0.1 200)',
  'color-mix(in srgb, var(--fw-line) 20%, transparent)',
  'calc((1px + 2px) * 3 / 2)',
  'linear-gradient(90deg, red, light-dark(#fff, hsl(1 2% 3%)))',
  '"Fira Code", \'Courier (New)\', monospace',
  '0 1px 2px rgba(0, 0, 0, .2), inset 0 0 1px red',
])('a theme may have the value %s', (value) => {
  expect(declaredSchemas.theme.safeParse(themeOf(value)).data?.variables).toEqual({ '--a': value });
});

it.each([
  'url(//evil)',
  'x\nurl(https://evil/x)',
  'URL(x)',
  'image-set("https://evil/x.png" 1x)',
  '-webkit-image-set("https://evil/x.png" 1x)',
  'src("x")',
  'cross-fade("https://evil/x" 50%)',
  'element(#x)',
  'calc(1px+url(x))',
  'rgb(url(x))',
  '/* open',
  'red /* shut */',
  '*/',
  '"open',
  "it's",
  'rgb(1',
  'red)',
  'u\\72l(x)',
  'red;} body {',
  '',
  'x'.repeat(201),
])('a theme may not have the value %j', (value) => {
  expect(declaredSchemas.theme.safeParse(themeOf(value)).error?.issues[0]?.path).toEqual(['variables', '--a']);
});

it('a theme has at most 200 variables', () => {
  const variables = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`--v${String(index)}`, 'red']));
  expect(declaredSchemas.theme.safeParse({ ...themeOf('red'), variables }).success).toBe(false);
});

it.each([
  '',
  ' ',
  '\u200b',
  ' \u202e\u200b',
  'a\u202eb',
  'a\u2066b',
  'a\nb',
  'a\0b',
  '\u3164',
  '\ud800',
  '\u200d',
  'a'.repeat(101),
])('the title %j is refused', (title) => {
  expect(declaredSchemas.command.safeParse({ id: 'a', title }).error?.issues[0]?.path).toEqual(['title']);
});

it.each(['Kosten', '費用', 'نیم\u200cفاصله', '👩\u200d💻 ❤️', '+1'])('the title %s is taken', (title) => {
  expect(declaredSchemas.command.safeParse({ id: 'a', title: `  ${title}\t` }).data).toEqual({ id: 'a', title });
});

it.each([
  '//evil.example',
  '/\\evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '/%2e//evil.example',
  '/.%2E/x',
  '/a\u202e',
  '/a\u0001',
  'javascript:alert(1)',
  'a',
])('%j leads nowhere in the dashboard', (to) => {
  expect(declaredSchemas.navigation.safeParse({ id: 'a', title: 'A', to }).error?.issues[0]?.path).toEqual(['to']);
});

it.each(['/', '/a', '/a.b/..c', '/a?at=../b#./c', '/%C3%A9'])('%j is a path of the dashboard', (to) => {
  expect(declaredSchemas.navigation.safeParse({ id: 'a', title: 'A', to }).data?.to).toBe(to);
});

it.each([
  ['/Clusters', '/clusters'],
  ['/%63lusters/', '/clusters'],
  ['/clusters?x#y', '/clusters'],
  ['/a%2Fb', '/a/b'],
  ['/e\u0301', '/é'],
  ['/100%', '/100%'],
  ['/', '/'],
])('%s is compared as %s', (path, form) => {
  expect(comparablePath(path)).toBe(form);
});
