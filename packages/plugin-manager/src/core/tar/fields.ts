import { decodeUtf8 } from './utf8.ts';

const space = 0x20;
const zero = 0x30;
const seven = 0x37;

/** Whether all bytes are 0. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** The text of a field up to its first NUL; undefined for bytes after that NUL, or text that is no UTF-8. */
export function textField(field: Uint8Array): string | undefined {
  const end = field.indexOf(0);
  if (end === -1) return decodeUtf8(field);
  return isZero(field.subarray(end)) ? decodeUtf8(field.subarray(0, end)) : undefined;
}

/**
 * The number in a field: octal digits between spaces and NULs, or base 256 after a byte of 0x80 (GNU). Undefined for
 * everything else, also for negative numbers and what a double does not hold. An empty field is 0 where that is allowed.
 */
export function numberField(field: Uint8Array, { mayBeEmpty = false } = {}): number | undefined {
  if (field[0] === 0x80) return bigEndian(field.subarray(1));
  let at = 0;
  while (field[at] === space) at += 1;
  const first = at;
  let value = 0;
  for (let byte = field[at]; byte !== undefined && byte >= zero && byte <= seven; byte = field[at]) {
    value = value * 8 + (byte - zero);
    at += 1;
  }
  const digitsEnd = at;
  while (field[at] === 0 || field[at] === space) at += 1;
  if (at < field.length || (digitsEnd === first && !mayBeEmpty)) return undefined;
  return value;
}

function bigEndian(bytes: Uint8Array): number | undefined {
  let value = 0;
  for (const byte of bytes) {
    value = value * 256 + byte;
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return value;
}
