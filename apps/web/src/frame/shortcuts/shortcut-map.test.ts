import { expect, it, vi } from 'vitest';
import { ShortcutMap, type KeyPress } from './shortcut-map.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  mod: false,
  alt: false,
  at: 0,
  isTyping: false,
  ...more,
});

it('a key, a sequence of two and a key with Ctrl each do their own', () => {
  const [slash, overview, palette] = [vi.fn(), vi.fn(), vi.fn()];
  const map = new ShortcutMap();
  map.bind({ '/': slash, 'g o': overview, 'mod+k': palette });
  expect([map.press(press('/')), map.press(press('g')), map.press(press('o', { at: 900 }))]).toEqual([
    true,
    true,
    true,
  ]);
  expect(map.press(press('K', { mod: true, isTyping: true }))).toBe(true);
  expect([slash, overview, palette].map((each) => each.mock.calls.length)).toEqual([1, 1, 1]);
});

it('a sequence is over when its second key comes late, or is another', () => {
  const [overview, single] = [vi.fn(), vi.fn()];
  const map = new ShortcutMap();
  map.bind({ 'g o': overview, o: single });
  map.press(press('g'));
  map.press(press('o', { at: 1_201 }));
  expect([overview, single].map((each) => each.mock.calls.length)).toEqual([0, 1]);
  map.press(press('g', { at: 2_000 }));
  expect(map.press(press('x', { at: 2_100 }))).toBe(false);
  map.press(press('o', { at: 2_200 }));
  expect([overview, single].map((each) => each.mock.calls.length)).toEqual([0, 2]);
});

it('whoever types text is left alone, and so is what the browser has with other keys held', () => {
  const slash = vi.fn();
  const map = new ShortcutMap();
  map.bind({ '/': slash });
  expect(map.press(press('/', { isTyping: true }))).toBe(false);
  expect(map.press(press('/', { alt: true }))).toBe(false);
  expect(map.press(press('/', { mod: true }))).toBe(false);
  expect(slash).not.toHaveBeenCalled();
});

it('a view takes a key from the frame while it is there', () => {
  const [frame, view] = [vi.fn(), vi.fn()];
  const map = new ShortcutMap();
  map.bind({ Escape: frame });
  const undo = map.bind({ Escape: view });
  map.press(press('Escape'));
  undo();
  undo();
  map.press(press('Escape'));
  expect([frame, view].map((each) => each.mock.calls.length)).toEqual([1, 1]);
});
