import { isZero, numberField, textField } from './fields.ts';
import { refusal, type ArchivePlace } from './refusal.ts';
import { decodeUtf8 } from './utf8.ts';

/** Bytes of a header, and what bodies are padded to. */
export const blockBytes = 512;

/** What one header block says, before the extensions that may stand in front of it. */
export interface TarHeader {
  /**
   * With the prefix of ustar. Undefined where it is no UTF-8, or something follows its NUL: writers cut long names
   * anywhere, and put the whole one into an extension.
   */
  readonly path: string | undefined;
  /** The type flag; `0` also for the NUL of old archives. */
  readonly type: string;
  readonly size: number;
  readonly mode: number;
  readonly hasLinkName: boolean;
}

/** Owner, group, time, and numbers of a device: nothing comes of them, but they must be numbers. */
const otherNumbers = [
  [108, 116],
  [116, 124],
  [136, 148],
  [329, 337],
  [337, 345],
] as const;
const checksumAt = 148;
const checksumEnd = 156;

/**
 * Reads a header block of POSIX ustar or GNU tar (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html).
 * Stricter than most readers: whatever two of them might understand differently is refused.
 */
export function parseHeader(block: Uint8Array, place: ArchivePlace): TarHeader {
  const damaged = (what: string) => refusal('E_ARCHIVE_HEADER', what, place);
  const magic = decodeUtf8(block.subarray(257, 265));
  const isUstar = magic === 'ustar\u000000';
  if (!isUstar && magic !== 'ustar  \u0000') {
    if (place.index === 0) throw refusal('E_ARCHIVE_FORMAT', 'the archive holds no tar in the format ustar', place);
    throw damaged('a header has not the magic of ustar');
  }
  if (numberField(block.subarray(checksumAt, checksumEnd)) !== checksum(block)) {
    throw damaged('the checksum of a header is wrong');
  }
  const name = textField(block.subarray(0, 100));
  const prefix = isUstar ? textField(block.subarray(345, 500)) : '';
  // GNU keeps times and maps of sparse files where ustar has its prefix; neither is needed for a plugin.
  if (!isZero(block.subarray(isUstar ? 500 : 345))) throw damaged('a header holds data where it must be empty');
  const path = name === undefined || prefix === undefined ? undefined : prefix === '' ? name : `${prefix}/${name}`;

  const size = numberField(block.subarray(124, 136));
  const mode = numberField(block.subarray(100, 108));
  if (size === undefined)
    throw refusal('E_ARCHIVE_HEADER', 'the size of an entry is no number', { ...place, entry: path });
  if (mode === undefined)
    throw refusal('E_ARCHIVE_HEADER', 'the mode of an entry is no number', { ...place, entry: path });
  for (const [start, end] of otherNumbers) {
    if (numberField(block.subarray(start, end), { mayBeEmpty: true }) === undefined) {
      throw refusal('E_ARCHIVE_HEADER', `bytes ${start} to ${end} of a header are no number`, {
        ...place,
        entry: path,
      });
    }
  }
  const flag = block[156] ?? 0;
  const hasLinkName = !isZero(block.subarray(157, 257));
  return { path, type: flag === 0 ? '0' : String.fromCharCode(flag), size, mode, hasLinkName };
}

/** Sum of all bytes, those of the checksum itself taken as spaces. */
function checksum(block: Uint8Array): number {
  let sum = 0x20 * (checksumEnd - checksumAt);
  for (let at = 0; at < blockBytes; at += 1) {
    if (at < checksumAt || at >= checksumEnd) sum += block[at] ?? 0;
  }
  return sum;
}
