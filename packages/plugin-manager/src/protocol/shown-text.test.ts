import { expect, it } from 'vitest';
import { isShowable, showable } from './shown-text.ts';

it.each([
  ['a\u009b31mb', 'a31mb'],
  ['a\u202eb\u2066', 'ab'],
  ['\u200ba\u{e0041}\ufeff', 'a'],
  ['a\u2028b', 'ab'],
  [' \u200b a', 'a'],
  ['\ud83d', ''],
  [' \u200d ', ''],
  ['', ''],
])('%j cannot be shown as it is; what is left is %j', (text, left) => {
  expect(isShowable(text)).toBe(false);
  expect(showable(text, 100)).toBe(left);
});

it('joiners stay, and a cut leaves no half of a pair', () => {
  const text = '\u{1f469}\u200d\u{1f680}';
  expect(isShowable(text)).toBe(true);
  expect(showable(text, 100)).toBe(text);
  expect(showable(text, 4)).toBe('\u{1f469}\u200d');
});
