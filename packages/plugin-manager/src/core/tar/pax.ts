import { refusal, type ArchivePlace } from './refusal.ts';
import { decodeUtf8 } from './utf8.ts';

const space = 0x20;
const newline = 0x0a;

/** The name that pax has for UTF-8. */
const utf8Charset = 'ISO-IR 10646 2000 UTF-8';

/** The keys of POSIX, but those that are handled one by one; and keys of vendors, which say nothing of paths and sizes. */
const harmlessKey = /^(?:[acm]time|uid|gid|uname|gname|comment|charset|[A-Z]+\..+)$/;

/** The records of a pax header that change what the next entry is. */
export interface PaxRecords {
  readonly path?: string;
  readonly size?: number;
}

/**
 * Reads the body of a pax header: records `<length> <key>=<value>\n` that fill it exactly. Refused are keys that stand
 * twice, control characters (a reader that splits at newlines would find other records), links and sparse files.
 * Records of times, owners and attributes are allowed and mean nothing here.
 */
export function parsePax(body: Uint8Array, place: ArchivePlace): PaxRecords {
  const records = readRecords(body, place);
  for (const [key, value] of records) {
    if (key === 'linkpath') throw refusal('E_ENTRY_TYPE', 'a pax header makes its entry a link', place);
    if (key.startsWith('GNU.sparse.') || key === 'SCHILY.realsize' || key === 'SCHILY.filetype') {
      throw refusal('E_ENTRY_TYPE', `the pax record ${JSON.stringify(key)} makes its entry a special file`, place);
    }
    if (!['path', 'size', 'hdrcharset'].includes(key) && !harmlessKey.test(key)) {
      throw refusal('E_ARCHIVE_HEADER', `the pax record ${JSON.stringify(key)} is unknown`, place);
    }
    if (key === 'hdrcharset' && value !== utf8Charset) {
      throw refusal('E_ARCHIVE_HEADER', 'a pax header is in a character set other than UTF-8', place);
    }
  }
  const path = records.get('path');
  const size = records.get('size');
  if (path === '') throw refusal('E_PATH_INVALID', 'a pax header gives an empty path', place);
  if (size !== undefined && !/^(0|[1-9]\d{0,14})$/.test(size)) {
    throw refusal('E_ARCHIVE_HEADER', 'a pax header gives a size that is no number', place);
  }
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size: Number(size) }) };
}

/** Reads a global pax header, which may comment, but not say what single entries are. */
export function parseGlobalPax(body: Uint8Array, place: ArchivePlace): void {
  const records = parsePax(body, place);
  if (records.path !== undefined || records.size !== undefined) {
    throw refusal('E_ARCHIVE_HEADER', 'a global pax header gives path or size', place);
  }
}

function readRecords(body: Uint8Array, place: ArchivePlace): ReadonlyMap<string, string> {
  const damaged = (what: string) => refusal('E_ARCHIVE_HEADER', `a pax record ${what}`, place);
  const records = new Map<string, string>();
  for (let start = 0; start < body.length;) {
    const blank = body.indexOf(space, start);
    const digits = blank === -1 ? '' : String.fromCharCode(...body.subarray(start, Math.min(blank, start + 8)));
    const end = start + Number(digits);
    if (!/^[1-9]\d{0,6}$/.test(digits) || end > body.length || end <= blank + 1 || body[end - 1] !== newline) {
      throw damaged('lies about its length');
    }
    const text = decodeUtf8(body.subarray(blank + 1, end - 1));
    if (text === undefined) throw damaged('is no UTF-8');
    const equals = text.indexOf('=');
    if (equals < 1) throw damaged('has no key');
    const key = text.slice(0, equals);
    const value = text.slice(equals + 1);
    if (/\p{Cc}/u.test(text)) {
      throw key === 'path'
        ? refusal('E_PATH_INVALID', 'a path holds a control character', { ...place, entry: value })
        : damaged('holds a control character');
    }
    if (records.has(key)) throw damaged(`stands twice: ${JSON.stringify(key)}`);
    records.set(key, value);
    start = end;
  }
  return records;
}
