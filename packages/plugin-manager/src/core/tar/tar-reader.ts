import type { PluginPhase } from '../../protocol/error.ts';
import { isZero } from './fields.ts';
import { blockBytes, parseHeader, type TarHeader } from './header.ts';
import { parseGlobalPax, parsePax, type PaxRecords } from './pax.ts';
import { refusal, type ArchivePlace } from './refusal.ts';
import { decodeUtf8 } from './utf8.ts';

/** An entry of a tar: a regular file or a folder; whatever else there is is refused by the reader. */
export interface TarEntry {
  /** Place among the entries of the archive, from 0. */
  readonly index: number;
  readonly type: 'file' | 'directory';
  /** As the archive says it; not checked yet. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

/** What a reader finds. An entry comes before its data; the data of an entry are all there before the next event. */
export type TarEvent =
  { readonly kind: 'entry'; readonly entry: TarEntry } | { readonly kind: 'data'; readonly bytes: Uint8Array };

/** Reads a tar from chunks of any size, in constant memory. */
export interface TarReader {
  /** What the chunk holds. Must be drained before the next call; data are parts of the chunk. */
  push(chunk: Uint8Array): Generator<TarEvent, void, void>;
  /** Says that no chunk follows. */
  end(): void;
}

/** Of pax headers and GNU long names; what a plugin needs is far below. */
const maxExtensionBytes = 65_536;

type Mode = 'header' | 'extension' | 'data' | 'padding' | 'zero' | 'end';

/** Creates a reader of ustar, pax and GNU long names. Throws a `PluginError` at the first thing that is not allowed. */
export function createTarReader(phase: PluginPhase): TarReader {
  const block = new Uint8Array(blockBytes);
  let filled = 0;
  let mode: Mode = 'header';
  let index = 0;
  /** Of the body that is being read, and its padding. */
  let left = 0;
  let padding = 0;
  let extension: { readonly type: string; readonly body: Uint8Array } | undefined;
  let longName: string | undefined;
  let pax: PaxRecords | undefined;
  let hasGlobal = false;

  const place = (entry?: string): ArchivePlace => ({ phase, index, entry });
  const beginBody = (bytes: number) => {
    left = bytes;
    padding = (blockBytes - (bytes % blockBytes)) % blockBytes;
  };

  function beginExtension(header: TarHeader): void {
    if (header.size > maxExtensionBytes || header.size === 0) {
      throw refusal('E_ARCHIVE_HEADER', `an extension header has ${header.size} bytes`, place());
    }
    extension = { type: header.type, body: new Uint8Array(header.size) };
    beginBody(header.size);
    mode = 'extension';
  }

  function endExtension(): void {
    if (extension === undefined) return;
    const { type, body } = extension;
    extension = undefined;
    if (type === 'g') {
      if (hasGlobal || pax !== undefined || longName !== undefined) {
        throw refusal('E_ARCHIVE_HEADER', 'a global pax header stands where none may', place());
      }
      parseGlobalPax(body, place());
      hasGlobal = true;
      return;
    }
    if (pax !== undefined || longName !== undefined) {
      throw refusal('E_ARCHIVE_HEADER', 'an entry has two extension headers', place());
    }
    if (type === 'x') pax = parsePax(body, place());
    else longName = parseLongName(body, place());
  }

  function toEntry(header: TarHeader): TarEntry {
    const path = pax?.path ?? longName ?? header.path;
    if (path === undefined) {
      throw refusal('E_PATH_INVALID', 'a path is no UTF-8, or something follows its NUL', place());
    }
    const at = place(path);
    const type = header.type === '0' ? 'file' : header.type === '5' ? 'directory' : undefined;
    if (type === undefined) {
      throw refusal('E_ENTRY_TYPE', `an entry is of type ${JSON.stringify(header.type)}: ${nameOf(header.type)}`, at);
    }
    if (header.hasLinkName) throw refusal('E_ENTRY_TYPE', 'an entry that is no link has the target of one', at);
    if (type === 'file' && path.endsWith('/')) {
      throw refusal('E_ENTRY_TYPE', 'an entry is a file by its type, and a folder by its path', at);
    }
    if (pax?.size !== undefined && pax.size !== header.size) {
      throw refusal('E_ARCHIVE_HEADER', `a size is ${header.size} by its header, and ${pax.size} by pax`, at);
    }
    if (type === 'directory' && header.size !== 0) throw refusal('E_ARCHIVE_HEADER', 'a folder has a body', at);
    return { index, type, path, size: header.size, mode: header.mode };
  }

  function* readBlock(): Generator<TarEvent, void, void> {
    if (isZero(block)) {
      if (pax !== undefined || longName !== undefined) {
        throw refusal('E_ARCHIVE_HEADER', 'no entry follows an extension header', place());
      }
      mode = mode === 'zero' ? 'end' : 'zero';
      return;
    }
    if (mode === 'zero') throw refusal('E_ARCHIVE_TRAILING', 'a header follows the end of the archive', place());
    const header = parseHeader(block, place());
    if (header.type === 'x' || header.type === 'g' || header.type === 'L') {
      beginExtension(header);
      return;
    }
    const entry = toEntry(header);
    pax = undefined;
    longName = undefined;
    beginBody(entry.size);
    mode = 'data';
    yield { kind: 'entry', entry };
    // An empty body has no bytes that could lead out of it.
    if (left === 0) endBody();
  }

  function endBody(): void {
    if (mode === 'extension') endExtension();
    else index += 1;
    mode = padding > 0 ? 'padding' : 'header';
  }

  function* push(chunk: Uint8Array): Generator<TarEvent, void, void> {
    for (let at = 0; at < chunk.length;) {
      const rest = chunk.length - at;
      switch (mode) {
        case 'header':
        case 'zero': {
          const taken = Math.min(rest, blockBytes - filled);
          block.set(chunk.subarray(at, at + taken), filled);
          filled += taken;
          at += taken;
          if (filled < blockBytes) break;
          filled = 0;
          yield* readBlock();
          break;
        }
        case 'extension':
        case 'data': {
          const bytes = chunk.subarray(at, at + Math.min(rest, left));
          if (extension !== undefined) extension.body.set(bytes, extension.body.length - left);
          left -= bytes.length;
          at += bytes.length;
          if (mode === 'data') yield { kind: 'data', bytes };
          if (left === 0) endBody();
          break;
        }
        case 'padding': {
          const taken = Math.min(rest, padding);
          padding -= taken;
          at += taken;
          if (padding === 0) mode = 'header';
          break;
        }
        case 'end':
          if (!isZero(chunk.subarray(at))) {
            throw refusal('E_ARCHIVE_TRAILING', 'bytes other than 0 follow the end of the tar', place());
          }
          filled = (filled + rest) % blockBytes;
          at = chunk.length;
          break;
      }
    }
  }

  function end(): void {
    if (mode !== 'end') throw refusal('E_ARCHIVE_TRUNCATED', 'the tar ends before its two blocks of zeros', place());
    if (filled !== 0) throw refusal('E_ARCHIVE_TRAILING', 'the tar is no whole number of blocks', place());
  }

  return { push, end };
}

/** The body of a GNU long name: a path and one NUL. */
function parseLongName(body: Uint8Array, place: ArchivePlace): string {
  const terminator = body.indexOf(0);
  if (terminator < 1 || terminator !== body.length - 1) {
    throw refusal('E_ARCHIVE_HEADER', 'a GNU long name does not end with its only NUL', place);
  }
  const path = decodeUtf8(body.subarray(0, terminator));
  if (path === undefined) throw refusal('E_PATH_INVALID', 'a GNU long name is no UTF-8', place);
  return path;
}

function nameOf(type: string): string {
  const names: Readonly<Record<string, string>> = {
    1: 'a hard link',
    2: 'a symbolic link',
    3: 'a character device',
    4: 'a block device',
    6: 'a FIFO',
    7: 'a contiguous file',
    K: 'a link with a long target',
    S: 'a sparse file',
  };
  return names[type] ?? 'unknown';
}
