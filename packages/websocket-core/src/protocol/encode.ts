import type { Frame, WireErrorData } from './frames.ts';
import { isRetryableWireError } from './code-rules.ts';
import { maxCloseReasonBytes, type WireErrorCode } from './codes.ts';

/** Encodes a frame as the text of one WebSocket message. Throws a TypeError for values that JSON cannot hold. */
export function encodeFrame(frame: Frame): string {
  return JSON.stringify(frame);
}

/** Makes the wire form of an error; `retryable` comes from the registry. */
export function wireError(
  code: WireErrorCode,
  message: string,
  more: { retryAfterMs?: number; details?: unknown } = {},
): WireErrorData {
  return { code, message, retryable: isRetryableWireError(code), ...more };
}

/** Cuts a close reason to the 123 bytes of UTF-8 that a close frame holds, never inside a character. */
export function clipCloseReason(reason: string): string {
  let bytes = 0;
  let end = 0;
  for (const character of reason) {
    bytes += utf8Length(character);
    if (bytes > maxCloseReasonBytes) return reason.slice(0, end);
    end += character.length;
  }
  return reason;
}

/** Bytes that a string takes in UTF-8; a lone surrogate counts as the three bytes of its replacement. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      bytes += 1;
    } else if (unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
      bytes += 2;
      index += 1;
    } else {
      bytes += 2;
    }
  }
  return bytes;
}
