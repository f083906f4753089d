import { describe, expect, it } from 'vitest';
import { HeldPositions } from './held-positions.ts';

describe('the positions that a feed holds', () => {
  it('[G6] lead a subscriber to the newest one that it has passed', () => {
    const held = new HeldPositions('100');
    expect(held.head).toBe('100');
    expect(held.atOrBefore('99')).toBeUndefined();
    expect(held.atOrBefore('105')).toBe('100');
    held.add('110', 10, true, 0);
    held.add('1000', 10, false, 0);
    expect(held.head).toBe('1000');
    expect(held.atOrBefore('109')).toBe('100');
    expect(held.atOrBefore('110')).toBe('110');
    expect(held.atOrBefore('999')).toBe('110');
    expect(held.atOrBefore('abc')).toBeUndefined();
  });

  it('[G6] say what a watch from elsewhere must reach: the last event, or the start', () => {
    const held = new HeldPositions('100');
    expect(held.dueAfter('99', '100')).toBe('100');
    // Nothing came since the start.
    held.add('1000', 0, false, 0);
    expect(held.dueAfter('99', '1000')).toBe('100');
    expect(held.dueAfter('100', '1000')).toBeUndefined();
    held.add('1100', 10, true, 0);
    held.add('2000', 0, false, 0);
    expect(held.dueAfter('99', '100')).toBe('100');
    expect(held.dueAfter('500', '2000')).toBe('1100');
    expect(held.dueAfter('1100', '2000')).toBeUndefined();
  });

  it('[G6] are those of the last publications alone, by number, bytes and age', () => {
    const many = new HeldPositions('0');
    for (let version = 1; version <= 1_000; version += 1) many.add(String(version), 1, true, 0);
    expect(many.base).toBe('750');
    const large = new HeldPositions('0');
    for (let version = 1; version <= 10; version += 1) large.add(String(version), 300_000, true, 0);
    expect(large.base).toBe('7');
    const old = new HeldPositions('0');
    old.add('1', 1, true, 0);
    old.add('2', 1, true, 100_000);
    old.add('3', 1, true, 200_000);
    expect(old.base).toBe('1');
    old.add('4', 9_000_000, true, 900_000);
    expect(old.base).toBe('3');
    expect(old.head).toBe('4');
  });
});
