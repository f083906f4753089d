import { Buffer } from 'node:buffer';

/** One header block and its body, as they are written; everything may be wrong. */
export interface RawEntry {
  readonly path: string | Uint8Array;
  /** Default: `0`, a regular file. */
  readonly type?: string;
  readonly body?: string | Uint8Array;
  /** Default: length of the body. Text is put into the field as it is. */
  readonly size?: number | Uint8Array | string;
  /** Default: 0644, and 0755 for folders. */
  readonly mode?: number | string;
  readonly linkName?: string;
  readonly prefix?: string;
  /** Default: that of POSIX ustar. */
  readonly magic?: string;
  /** Bytes that are written over the block before its checksum is made. */
  readonly patches?: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  /** Added to the checksum. */
  readonly checksumError?: number;
}

/** The magic and version of GNU tar. */
export const gnuMagic = 'ustar  \0';

const blockBytes = 512;

/** The bytes of one entry: header, body, padding. */
export function rawEntry(entry: RawEntry): Buffer {
  const { type = '0', linkName = '', prefix = '', magic = 'ustar\u000000', patches = [], checksumError = 0 } = entry;
  const body = bytesOf(entry.body ?? '');
  const { size = body.length, mode = type === '5' ? 0o755 : 0o644 } = entry;
  const header = Buffer.alloc(blockBytes);
  header.set(bytesOf(entry.path).subarray(0, 100), 0);
  header.write(typeof mode === 'number' ? octal(mode, 8) : mode, 100, 'latin1');
  header.write(octal(0, 8), 108, 'latin1');
  header.write(octal(0, 8), 116, 'latin1');
  header.set(typeof size === 'number' ? Buffer.from(octal(size, 12), 'latin1') : bytesOf(size), 124);
  header.write(octal(1_700_000_000, 12), 136, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(linkName, 157, 100);
  header.write(magic, 257, 'latin1');
  if (prefix !== '') header.write(prefix, 345, 155);
  for (const { at, bytes } of patches) header.set(bytes, at);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, checksumError);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, padded(body)]);
}

/** The number in base 256, as GNU tar writes what octal digits do not hold. */
export function base256(value: bigint, bytes = 12): Buffer {
  const field = Buffer.alloc(bytes);
  let left = value;
  for (let at = bytes - 1; at > 0; at -= 1) {
    field[at] = Number(left & 0xffn);
    left >>= 8n;
  }
  field[0] = value < 0n ? 0xff : 0x80;
  return field;
}

/** A pax record with its right length. */
export function paxRecord(key: string, value: string | Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), bytesOf(value), Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** A pax header before the next entry; `g` for a global one. */
export function paxHeader(records: readonly (string | Uint8Array)[], type: 'x' | 'g' = 'x'): Buffer {
  return rawEntry({ path: 'PaxHeader', type, body: Buffer.concat(records.map(bytesOf)) });
}

/** A GNU long name before the next entry; `K` for the target of a link. */
export function gnuLongName(path: string, type: 'L' | 'K' = 'L'): Buffer {
  return rawEntry({ path: '././@LongLink', type, magic: gnuMagic, body: `${path}\0` });
}

/** Two blocks of zeros. */
export const endOfTar: Buffer = Buffer.alloc(2 * blockBytes);

/** A whole tar of entries, with its end. */
export function tarOf(entries: readonly (RawEntry | Buffer)[]): Buffer {
  return Buffer.concat([...entries.map((entry) => (Buffer.isBuffer(entry) ? entry : rawEntry(entry))), endOfTar]);
}

function octal(value: number, bytes: number): string {
  return `${value.toString(8).padStart(bytes - 1, '0')}\0`;
}

function padded(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc((blockBytes - (body.length % blockBytes)) % blockBytes)]);
}

function bytesOf(value: string | Uint8Array): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.length);
}
