import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clipCloseReason, encodeFrame, utf8Length, wireError } from './encode.ts';

it('[M2] encodes a frame as one JSON text without undefined members', () => {
  expect(encodeFrame({ type: 'message', name: 'm', data: undefined })).toBe('{"type":"message","name":"m"}');
});

it('makes wire errors whose retryable comes from the registry', () => {
  expect(wireError('TIMEOUT', 'late')).toEqual({ code: 'TIMEOUT', message: 'late', retryable: true });
  expect(wireError('FORBIDDEN', 'no', { details: [1] })).toEqual({
    code: 'FORBIDDEN',
    message: 'no',
    retryable: false,
    details: [1],
  });
});

it('counts the bytes of UTF-8 as an encoder does, lone surrogates included', () => {
  const encoder = new TextEncoder();
  fc.assert(
    fc.property(fc.uint16Array({ maxLength: 40 }), (units) => {
      const text = String.fromCharCode(...units);
      expect(utf8Length(text)).toBe(encoder.encode(text).length);
    }),
  );
});

it('[G6] leaves a reason of 123 bytes as it is, and cuts a longer one', () => {
  expect(clipCloseReason('x'.repeat(123))).toBe('x'.repeat(123));
  expect(clipCloseReason('x'.repeat(124))).toBe('x'.repeat(123));
  expect(clipCloseReason('€'.repeat(42))).toBe('€'.repeat(41));
  expect(clipCloseReason('🚀'.repeat(31))).toBe('🚀'.repeat(30));
  expect(clipCloseReason(`${'x'.repeat(122)}é`)).toBe('x'.repeat(122));
});

it('[G6] cuts every reason to 123 bytes, at a character, and no further than it must', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (reason) => {
      const clipped = clipCloseReason(reason);
      expect(reason.startsWith(clipped)).toBe(true);
      expect(utf8Length(clipped)).toBeLessThanOrEqual(123);
      const [next = ''] = reason.slice(clipped.length);
      if (next !== '') expect(utf8Length(clipped + next)).toBeGreaterThan(123);
    }),
  );
});
