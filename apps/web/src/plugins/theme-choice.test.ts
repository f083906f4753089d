import type { Registered } from '@fleetwire/plugin-manager/browser';
import { expect, it } from 'vitest';
import { activeTheme, applyTheme, parseThemeKey } from './theme-choice.ts';

const theme = (id: string, colorScheme: 'light' | 'dark'): Registered<'theme'> => ({
  key: `hub:acme/looks#theme/${id}`,
  pluginId: 'hub:acme/looks',
  kind: 'theme',
  value: { id, title: id, colorScheme, variables: {} },
  isDeclared: true,
});

it('a theme holds as long as it is there and the page is as light or dark', () => {
  const themes = [theme('paper', 'light'), theme('night', 'dark')];
  const key = themes[1]?.key ?? '';
  expect(activeTheme(themes, key, 'dark')).toBe(themes[1]);
  expect(activeTheme(themes, key, 'light')).toBeUndefined();
  expect(activeTheme([], key, 'dark')).toBeUndefined();
  expect(activeTheme(themes, '', 'dark')).toBeUndefined();
});

it('the variables of a theme go with it, and others stay', () => {
  const set = new Map([['--other', '1']]);
  const style = {
    setProperty: (name: string, value: string | null) => void set.set(name, value ?? ''),
    removeProperty: (name: string) => {
      set.delete(name);
      return '';
    },
  };
  const undo = applyTheme(style, { '--fw-bg': '#fff', '--fw-line': 'red' });
  expect(Object.fromEntries(set)).toEqual({ '--other': '1', '--fw-bg': '#fff', '--fw-line': 'red' });
  undo();
  expect(Object.fromEntries(set)).toEqual({ '--other': '1' });
});

it('what is stored and no key is none', () => {
  expect(parseThemeKey(undefined)).toBe('');
  expect(parseThemeKey({})).toBe('');
  expect(parseThemeKey('a#theme/b')).toBe('a#theme/b');
});
