import { crc32 } from 'node:zlib';

/** CRC and length behind the body of a gzip member. */
export const gzipTrailerBytes = 8;

const fixedBytes = 10;
const flag = { hasHeaderCrc: 0x02, hasExtra: 0x04, hasName: 0x08, hasComment: 0x10, reserved: 0xe0 } as const;

/** Length of the header of a gzip member (RFC 1952 § 2.3); `short` where more bytes are needed, `other` for no gzip. */
export function gzipHeaderBytes(head: Buffer): number | 'short' | 'other' {
  const magic = Buffer.of(0x1f, 0x8b, 0x08);
  const begun = Math.min(head.length, magic.length);
  if (!head.subarray(0, begun).equals(magic.subarray(0, begun))) return 'other';
  if (head.length < fixedBytes) return 'short';
  const flags = head.readUInt8(3);
  if ((flags & flag.reserved) !== 0) return 'other';
  let at = fixedBytes;
  if (flags & flag.hasExtra) {
    if (head.length < at + 2) return 'short';
    at += 2 + head.readUInt16LE(at);
  }
  for (const text of [flag.hasName, flag.hasComment]) {
    if (!(flags & text)) continue;
    const terminator = head.indexOf(0, at);
    if (terminator === -1) return 'short';
    at = terminator + 1;
  }
  if (flags & flag.hasHeaderCrc) {
    if (head.length < at + 2) return 'short';
    if (head.readUInt16LE(at) !== crc32(head.subarray(0, at)) % 2 ** 16) return 'other';
    at += 2;
  }
  return at <= head.length ? at : 'short';
}
