import { describe, expect, it } from 'vitest';
import { base256 } from '../../testing/bad-archives/tar-builder.ts';
import { numberField, textField } from './fields.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('a number', () => {
  it.each([
    ['0000644\0', 0o644],
    ['000644 \0', 0o644],
    ['   644 \0', 0o644],
    ['00000000', 0],
    ['77777777777 ', 0o77777777777],
  ])('is read from %j', (text, value) => {
    expect(numberField(bytes(text))).toBe(value);
  });

  it.each(['', '\0\0\0\0', '    ', '8\0', '-1\0', '+1\0', '0x1\0', '1 1\0', '1\x001', '1\t', '\x811'])(
    'is not what stands in %j',
    (text) => {
      expect(numberField(bytes(text))).toBeUndefined();
    },
  );

  it('may be empty where that is said', () => {
    expect(numberField(bytes('\0\0 \0'), { mayBeEmpty: true })).toBe(0);
    expect(numberField(bytes('x'), { mayBeEmpty: true })).toBeUndefined();
  });

  it.each([0n, 1n, 2n ** 33n, BigInt(Number.MAX_SAFE_INTEGER)])('is read from base 256: %s', (value) => {
    expect(numberField(base256(value))).toBe(Number(value));
  });

  it.each([-1n, 2n ** 53n, 2n ** 80n])('is not %s in base 256', (value) => {
    expect(numberField(base256(value))).toBeUndefined();
  });
});

describe('a text', () => {
  it('ends with its field, or with its NUL and others', () => {
    expect(textField(bytes('abc'))).toBe('abc');
    expect(textField(bytes('ab\0\0'))).toBe('ab');
    expect(textField(bytes('\0'))).toBe('');
  });

  it('has nothing behind its NUL, and is UTF-8', () => {
    expect(textField(bytes('a\0b'))).toBeUndefined();
    expect(textField(bytes('\xff'))).toBeUndefined();
    expect(textField(Buffer.from([0xc0, 0xaf]))).toBeUndefined();
    expect(textField(Buffer.from([0xed, 0xa0, 0x80]))).toBeUndefined();
  });
});
