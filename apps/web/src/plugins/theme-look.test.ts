import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { safeModeKey } from './safe-mode.ts';
import { clearLook, lookKey, rememberLook } from './theme-look.ts';

const root = join(import.meta.dirname, '..', '..');
const script = readFileSync(join(root, 'public', 'color-scheme.js'), 'utf8');

/** What the script sets on a page with this storage. */
function load(
  stored: string | undefined,
  { search = '', isDark = false, isSafe = false } = {},
): Record<string, string> {
  const set: Record<string, string> = {};
  const documentElement = {
    setAttribute: () => undefined,
    style: { setProperty: (name: string, value: string) => void (set[name] = value) },
  };
  runInNewContext(script, {
    document: { documentElement },
    location: { search },
    matchMedia: () => ({ matches: isDark }),
    localStorage: { getItem: (key: string) => (key === lookKey ? (stored ?? null) : null) },
    sessionStorage: { getItem: (key: string) => (key === safeModeKey && isSafe ? '1' : null) },
    URLSearchParams,
  });
  return set;
}

function remembered(look: Parameters<typeof rememberLook>[1]): string | undefined {
  const values = new Map([[lookKey, 'before']]);
  const storage = {
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
  rememberLook(() => storage, look);
  return values.get(lookKey);
}

const look = { colorScheme: 'light', variables: { '--fw-bg': '#fdf6e3', '--fw-line': 'rgb(1 2 3 / 10%)' } } as const;

it('the look of a theme is there before the first paint of the next load, in its own colour scheme alone', () => {
  const stored = remembered(look);
  expect(load(stored)).toEqual(look.variables);
  expect(load(stored, { isDark: true })).toEqual({});
  expect(load(stored, { search: '?safe-mode=1' })).toEqual({});
  expect(load(stored, { isSafe: true })).toEqual({});
  expect(load(remembered(undefined))).toEqual({});
});

it('of what is stored only custom properties are set, with values that fetch nothing', () => {
  const variables = {
    '--ok': 'red',
    color: 'red',
    '--UP': 'red',
    '--a': 'url(https://x.example)',
    '--b': 'red; color: blue',
    '--c': '',
    '--e': 'image-set("x")',
    '--f': 'red /* url */',
    '--g': 7,
    '--d': 'x'.repeat(201),
  };
  expect(load(JSON.stringify({ colorScheme: 'light', variables }))).toEqual({ '--ok': 'red' });
  for (const text of ['', 'no JSON', 'null', '7', '{"colorScheme":"light"}', 'x'.repeat(40_000)])
    expect(load(text)).toEqual({});
});

it('the script judges as the schema of contributions does', () => {
  const file = join(root, '..', '..', 'packages', 'plugin-manager', 'src', 'protocol', 'css-value.ts');
  const schema = readFileSync(file, 'utf8');
  const patterns = script.match(/\/\^.+\$\/[iu]?(?=;)/g) ?? [];
  expect(patterns).toHaveLength(3);
  for (const pattern of patterns) expect(schema).toContain(pattern);
});

it('one that is too large is not kept, and a browser without storage does without', () => {
  const variables = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`--v${String(index)}`, 'x'.repeat(190)]),
  );
  expect(remembered({ colorScheme: 'dark', variables })).toBeUndefined();
  rememberLook(() => {
    throw new Error('denied');
  }, look);
});

it('what was set before the first paint goes, and nothing else', () => {
  const set = new Map([
    ['--fw-bg', '#fff'],
    ['color', 'red'],
    ['--fw-line', 'blue'],
  ]);
  const style = {
    get length() {
      return set.size;
    },
    item: (index: number) => [...set.keys()][index] ?? '',
    removeProperty: (name: string) => String(set.delete(name)),
  };
  clearLook(style);
  expect([...set.keys()]).toEqual(['color']);
});
