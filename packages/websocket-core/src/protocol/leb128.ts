/** Largest stream id: unsigned LEB128 in at most 5 bytes, 32 bits (DWARF 5 section 7.6 describes the encoding). */
export const maxStreamId = 0xffff_ffff;

export type Leb128Failure = 'truncated' | 'overlong' | 'overflow';

/** A decoded number and the offset of the byte after it. */
export type Leb128Result =
  | { readonly ok: true; readonly value: number; readonly end: number }
  | { readonly ok: false; readonly failure: Leb128Failure };

/** Encodes an integer from 0 to 2^32-1 in the shortest form. Throws a RangeError for any other number. */
export function encodeLeb128(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > maxStreamId) {
    throw new RangeError(`expected an integer from 0 to ${String(maxStreamId)}, got ${String(value)}`);
  }
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

/** Decodes a number at the start of `bytes`; refuses a truncated, overlong (padded) or more than 32-bit one. */
export function decodeLeb128(bytes: Uint8Array, start = 0): Leb128Result {
  let value = 0;
  let scale = 1;
  for (let index = start; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    value += (byte & 0x7f) * scale;
    if (value > maxStreamId || index - start > 4) return { ok: false, failure: 'overflow' };
    if (byte < 0x80) {
      if (byte === 0 && index > start) return { ok: false, failure: 'overlong' };
      return { ok: true, value, end: index + 1 };
    }
    scale *= 128;
  }
  return { ok: false, failure: 'truncated' };
}
