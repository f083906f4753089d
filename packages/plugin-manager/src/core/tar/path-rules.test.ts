import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../protocol/limits.ts';
import { collisionKey, pathSegments } from './path-rules.ts';

const segments = (path: string) => pathSegments(path, defaultLimits, { phase: 'inspect', index: 0 });

describe('a path', () => {
  it.each([
    ['p/a.js', ['p', 'a.js']],
    ['./p/a.js', ['p', 'a.js']],
    ['p/d/', ['p', 'd']],
    ['./', []],
    ['.', []],
    ['p/..a/b..', undefined],
    ['p/..a/.b', ['p', '..a', '.b']],
    ['p/con1/nulls.js', ['p', 'con1', 'nulls.js']],
    ['p/日本 é', ['p', '日本 é']],
  ])('%j has the segments %j', (path, expected) => {
    if (expected === undefined) expect(() => segments(path)).toThrow('ends with a dot');
    else expect(segments(path)).toEqual(expected);
  });

  it('is as long as it may be without its top folder, in bytes', () => {
    const top = 't'.repeat(200);
    const long = `${'d'.repeat(119)}/${'é'.repeat(60)}`;
    expect(segments(`${top}/${long}`)).toHaveLength(3);
    expect(() => segments(`${top}/${long}x`)).toThrow('of at most 240');
    expect(() => segments(`${top}x/${long}`)).toThrow('of at most 200');
  });

  it('is as deep as it may be', () => {
    const below = Array.from({ length: defaultLimits.maxDepth }, () => 'd').join('/');
    expect(segments(`p/${below}`)).toHaveLength(33);
    expect(() => segments(`p/d/${below}`)).toThrow('33 deep');
  });
});

describe('the key of a collision', () => {
  it.each([
    ['a', 'A'],
    ['é', 'e\u0301'],
    ['ﬁ', 'fi'],
    ['ß', 'SS'],
    ['ſ', 's'],
    ['K', 'k'],
    ['Ａ', 'a'],
  ])('is the same for %s and %s', (one, other) => {
    expect(collisionKey(one)).toBe(collisionKey(other));
  });

  it.each([
    ['a', 'b'],
    ['a', 'á'],
    ['a/b', 'ab'],
    ['0', 'o'],
  ])('differs for %s and %s', (one, other) => {
    expect(collisionKey(one)).not.toBe(collisionKey(other));
  });
});
