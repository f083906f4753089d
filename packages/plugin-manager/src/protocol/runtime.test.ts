import { expect, it } from 'vitest';
import { parseRuntime } from './runtime.ts';

const entry = {
  url: '/plugins/hub-acme-a/1.0.0-aaaaaaaaaaaa/dist/main.js',
  integrity: `sha384-${'a'.repeat(64)}`,
  size: 10,
};
const ready = { status: 'ready', id: 'hub:acme/a', title: 'A', version: '1.0.0', build: '1.0.0-aaaaaaaaaaaa', entry };

/** The one problem of a list with this item, or undefined where it is taken. */
function problemOf(item: unknown): string | undefined {
  const parsed = parseRuntime({ generation: 1, plugins: [item] });
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed.problems[0]?.message;
}

it('takes what the server lists', () => {
  const blocked = { status: 'blocked', id: 'hub:acme/b', title: 'B', version: '1.0.0' };
  expect(parseRuntime({ generation: 3, plugins: [ready, blocked] })).toEqual({
    generation: 3,
    plugins: [ready, blocked],
    problems: [],
  });
});

it.each([
  'https://evil.example/main.js',
  '//evil.example/main.js',
  '/plugins/a/../../api/v1/files/x.js',
  '/plugins/a/./main.js',
  '/plugins/a/main.js?x',
  '/plugins/a/main.js#x',
  '/plugins\\a/main.js',
  'data:text/javascript,0',
  'plugins/a/main.js',
])('an entry at %s is refused: only paths of the page itself name bytes', (url) => {
  expect(problemOf({ ...ready, entry: { ...entry, url } })).toMatch(/^plugins\[0\]\.entry\.url: expected/);
});

it.each(['', 'md5-abc', `sha256-${'a'.repeat(43)}=`, `sha384-${'a'.repeat(63)}`, `${entry.integrity} sha384-other`])(
  'the integrity %j is refused',
  (integrity) => {
    expect(problemOf({ ...ready, entry: { ...entry, integrity } })).toMatch(
      /^plugins\[0\]\.entry\.integrity: expected/,
    );
  },
);

it.each([{ ...ready, id: '__proto__' }, { ...ready, title: { length: { toString: '' } } }, null, 7, []])(
  'the item %j is refused without a throw',
  (item) => {
    expect(problemOf(item)).toMatch(/^plugins\[0\]/);
  },
);

it('what a plugin declares is checked with it', () => {
  const contributes = { navigation: [{ id: 'a', title: 'A', to: 'javascript:alert(1)' }] };
  expect(problemOf({ ...ready, contributes })).toMatch(
    /^plugins\[0\]\.contributes\.navigation\.0\.to: expected a path/,
  );
  expect(problemOf({ ...ready, contributes: { navigation: [{ id: 'a', title: 'A', to: '/a' }] } })).toBeUndefined();
});

it('the longest path that an archive may have is taken, percent-encoded', () => {
  const path = [200, 40].map((bytes) => encodeURIComponent('\u{4f8b}'.repeat(Math.floor(bytes / 3)))).join('/');
  const names = Array.from({ length: 3 }, () => 'a'.repeat(64)).join('~');
  const url = `/plugins/${names}/${'1'.repeat(100)}-aaaaaaaaaaaa/${path}`;
  expect(url.length).toBeGreaterThan(1_000);
  expect(problemOf({ ...ready, entry: { ...entry, url } })).toBeUndefined();
});

it('of two items with one id the second is refused', () => {
  expect(parseRuntime({ generation: 1, plugins: [ready, ready] })).toMatchObject({
    plugins: [ready],
    problems: [{ message: 'plugins[1].id: hub:acme/a is listed twice' }],
  });
});

it.each([undefined, null, '<html>', [], { plugins: [] }, { generation: -1, plugins: [] }])(
  '%j is no list, and a text says why',
  (value) => {
    expect(parseRuntime(value)).toBeTypeOf('string');
  },
);
