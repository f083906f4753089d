import { expect, it } from 'vitest';
import { safeHref } from './safe-href.ts';

it('links to the web stay', () => {
  expect(safeHref('https://example.com/a?b#c')).toBe('https://example.com/a?b#c');
  expect(safeHref('http://example.com')).toBe('http://example.com/');
});

it('what runs, what is of this page, and what hides where it leads goes', () => {
  const bad = [
    'javascript:alert(1)',
    ' JaVaScript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '/plugins?tab=catalog',
    '#top',
    '//example.com',
    'https://bank.example@evil.example/',
    '',
  ];
  for (const href of bad) expect(safeHref(href)).toBeUndefined();
  expect(safeHref(undefined)).toBeUndefined();
});
