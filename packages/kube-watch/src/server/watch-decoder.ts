import type { Status, TableColumnDefinition } from '../protocol/kube-object.ts';
import { isPosition } from './position.ts';
import { maxEventDepth, WatchLineScanner } from './watch-line.ts';

/** What came over a watch, in order. */
export type WatchItem =
  /** Events as the cluster wrote them, with commas between; `resourceVersion` is the last one's. */
  | {
      readonly kind: 'events';
      readonly text: string;
      readonly count: number;
      readonly bytes: number;
      readonly resourceVersion: string | undefined;
    }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  | { readonly kind: 'error'; readonly status: Status }
  /** Before the first events of a Table that carry them. */
  | { readonly kind: 'columns'; readonly columns: readonly TableColumnDefinition[] }
  /** A line that is no watch event. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** Bounds of a decoder. */
export interface WatchDecoderOptions {
  /** Events are put together up to so many bytes; a larger one comes alone. Default 160 KiB, 0 puts none together. */
  readonly maxBatchBytes?: number | undefined;
  /** A longer line is an error. Default 4 MiB: API servers take requests of 3 MiB, and etcd objects of 1.5 MiB. */
  readonly maxLineBytes?: number | undefined;
  readonly isTable?: boolean | undefined;
}

/** A line grew beyond `maxLineBytes`: the watch cannot go on. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

const newline = 0x0a;
const comma = 0x2c;
const nothing = Buffer.alloc(0);

/**
 * Splits the body of a watch into lines and puts events together without parsing them: one pass over the bytes checks
 * each line and finds its resourceVersion, and a batch becomes one string. `push` and `take` are apart so that chunks
 * that come together are decoded together.
 */
export class WatchDecoder {
  readonly #maxBatchBytes: number;
  readonly #maxLineBytes: number;
  readonly #isTable: boolean;
  readonly #scanner = new WatchLineScanner();
  /** The first `#size` bytes were pushed. */
  #bytes: Buffer = nothing;
  #size = 0;
  #hasLine = false;
  #hasColumns = false;

  constructor(options: WatchDecoderOptions = {}) {
    this.#maxBatchBytes = options.maxBatchBytes ?? 160 * 1024;
    this.#maxLineBytes = options.maxLineBytes ?? 4 * 1024 * 1024;
    this.#isTable = options.isTable ?? false;
  }

  /** Bytes that were pushed and not taken. */
  get size(): number {
    return this.#size;
  }

  /** Memory that it takes. */
  get heldBytes(): number {
    return this.#bytes.length;
  }

  /** Keeps the chunk; whether a whole line is there to take. Throws {@link LineTooLongError}. */
  push(chunk: Buffer): boolean {
    this.#reserve(this.#size + chunk.length);
    this.#bytes.set(chunk, this.#size);
    this.#size += chunk.length;
    this.#hasLine ||= chunk.includes(newline);
    if (!this.#hasLine && this.#size > this.#maxLineBytes) {
      throw new LineTooLongError(`expected events of at most ${String(this.#maxLineBytes)} bytes`);
    }
    return this.#hasLine;
  }

  /** The items of all whole lines. */
  take(): WatchItem[] {
    if (!this.#hasLine) return [];
    const bytes = this.#bytes;
    const end = bytes.lastIndexOf(newline, this.#size - 1);
    const rest = bytes.subarray(end + 1, this.#size);
    // A copy: line ends are overwritten below, and a rest would keep all that stood before it.
    this.#bytes = rest.length === 0 ? nothing : Buffer.from(rest);
    this.#size = rest.length;
    this.#hasLine = false;
    return this.#items(bytes, end);
  }

  /** Room is doubled: a line that comes in small pieces takes no more memory than one that comes whole. */
  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafe(this.#size === 0 ? size : Math.max(size, 2 * this.#bytes.length));
    bytes.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = bytes;
  }

  #items(bytes: Buffer, end: number): WatchItem[] {
    const items: WatchItem[] = [];
    // The events from `from` to `to` wait to be put together.
    let from = 0;
    let to = 0;
    let count = 0;
    let version: string | undefined;
    const flush = (): void => {
      if (count > 0) {
        const text = bytes.toString('utf8', from, to);
        items.push({ kind: 'events', text, count, bytes: to - from, resourceVersion: version });
      }
      count = 0;
      version = undefined;
    };

    let start = 0;
    while (start <= end) {
      const stop = bytes.indexOf(newline, start);
      const kind = this.#scanner.scan(bytes, start, stop);
      if (kind === 'event') {
        const { resourceVersion } = this.#scanner;
        if (this.#isTable && (!this.#hasColumns || resourceVersion === undefined)) {
          flush();
          items.push(...this.#tableRow(bytes.toString('utf8', start, stop)));
        } else {
          if (count > 0 && stop - from > this.#maxBatchBytes) flush();
          if (count === 0) from = start;
          else bytes[start - 1] = comma;
          to = stop;
          count += 1;
          version = resourceVersion ?? version;
        }
      } else {
        flush();
        if (stop > start) items.push(...rareItem(kind, bytes.toString('utf8', start, stop), this.#scanner));
      }
      start = stop + 1;
    }
    flush();
    return items;
  }

  /** The first row of a Table brings its columns; servers that give the Table no resourceVersion have it in the row. */
  #tableRow(text: string): WatchItem[] {
    const { object } = JSON.parse(text) as { readonly object: LooseTable };
    const columns = object.columnDefinitions;
    const version = object.metadata?.resourceVersion;
    const resourceVersion = isPosition(version) ? version : object.rows?.[0]?.object?.metadata?.resourceVersion;
    const events: WatchItem = {
      kind: 'events',
      text,
      count: 1,
      bytes: Buffer.byteLength(text),
      resourceVersion: isPosition(resourceVersion) ? resourceVersion : undefined,
    };
    if (this.#hasColumns || !Array.isArray(columns) || columns.length === 0) return [events];
    this.#hasColumns = true;
    return [{ kind: 'columns', columns: columns as TableColumnDefinition[] }, events];
  }
}

interface LooseTable {
  readonly metadata?: { readonly resourceVersion?: unknown } | null;
  readonly columnDefinitions?: unknown;
  readonly rows?: readonly ({
    readonly object?: { readonly metadata?: { readonly resourceVersion?: unknown } | null } | null;
  } | null)[];
}

function rareItem(kind: string, text: string, { resourceVersion }: WatchLineScanner): WatchItem[] {
  if (kind === 'invalid') {
    return [{ kind: 'malformed', reason: `expected a watch event, got ${JSON.stringify(text.slice(0, 80))}` }];
  }
  if (kind === 'bookmark') return resourceVersion !== undefined ? [{ kind: 'bookmark', resourceVersion }] : [];
  if (kind === 'error') return [{ kind: 'error', status: (JSON.parse(text) as { object: Status }).object }];
  const safe = JSON.stringify(harmless(JSON.parse(text), 1));
  return [
    { kind: 'malformed', reason: 'an event held __proto__ or was nested too deep; that part of it was left out' },
    { kind: 'events', text: safe, count: 1, bytes: Buffer.byteLength(safe), resourceVersion },
  ];
}

/** The same value without what a receiver of `fleetwire.v1` would end its connection for. */
function harmless(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxEventDepth) return null;
  if (Array.isArray(value)) return value.map((item) => harmless(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) if (key !== '__proto__') copy[key] = harmless(member, depth + 1);
  return copy;
}
