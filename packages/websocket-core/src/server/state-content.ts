import type { StateChange } from './types.ts';

interface ContentItem {
  readonly key: string;
  /** The version that travels. */
  readonly version: number;
  /** The source's own version, where it gave one; older changes are stale. */
  readonly sourceVersion: number | undefined;
  /** Encoded `{"key":…,"version":…,"value":…}`, so that no value is encoded twice. */
  readonly json: string;
  /** Where the value begins in `json`; it ends before the last brace. */
  readonly valueAt: number;
  /** Sequence number of the ring frame that brought it. */
  readonly seq: number;
}

interface Tombstone {
  readonly key: string;
  readonly version: number;
  readonly sourceVersion: number | undefined;
  readonly seq: number;
}

/** Encoded members of one publication of a state feed. */
export interface EncodedChange {
  readonly set: readonly string[];
  readonly del: readonly string[];
}

/** How a change is taken in. */
export interface ApplyOptions {
  /** Ring frame that will carry the change. */
  readonly seq: number;
  /**
   * The feed numbers the versions itself, and those of the source only tell stale changes. So it is where positions are
   * the feed's own; where they are the origin's, replicas share them, and versions must be the origin's too.
   */
  readonly renumber: boolean;
  /** The change makes the whole content: what it names exists, whatever was deleted before. */
  readonly isWhole?: boolean | undefined;
}

/**
 * The present items of a state feed, and the keys deleted of late. Knows for each the ring frame that changed it last,
 * so that a subscriber that fell off the ring is told just what changed since.
 */
export class StateContent {
  readonly #items = new Map<string, ContentItem>();
  readonly #tombstones = new Map<string, Tombstone>();
  readonly #maxTombstones: number;
  /** Subscribers at or before this sequence number may have missed a deletion that is forgotten. */
  #forgottenSeq = -Infinity;
  #version = 0;

  constructor(maxTombstones: number) {
    this.#maxTombstones = maxTombstones;
  }

  get size(): number {
    return this.#items.size;
  }

  get forgottenSeq(): number {
    return this.#forgottenSeq;
  }

  /** Takes a change in, whole or (when a value is not JSON) not at all. Returns what to publish, or undefined when nothing is new. */
  apply(change: StateChange, options: ApplyOptions): EncodedChange | undefined {
    const values = (change.set ?? []).map(({ value }) => encodeValue(value));
    const set: string[] = [];
    const del: string[] = [];
    for (const [index, { key, version }] of (change.set ?? []).entries()) {
      const json = this.#set(key, version, values[index] as string, options);
      if (json !== undefined) set.push(json);
    }
    for (const { key, version } of change.del ?? []) {
      const json = this.#delete(key, version, options);
      if (json !== undefined) del.push(json);
    }
    return set.length + del.length === 0 ? undefined : { set, del };
  }

  /** The change that makes `items` the whole content. */
  difference(items: NonNullable<StateChange['set']>): StateChange {
    const keys = new Set(items.map((item) => item.key));
    const set = items.filter((item) => {
      const held = this.#items.get(item.key);
      if (held === undefined || item.version !== undefined) return true;
      return held.json.slice(held.valueAt, -1) !== encodeValue(item.value);
    });
    const del = [...this.#items.keys()].filter((key) => !keys.has(key)).map((key) => ({ key }));
    return { set, del };
  }

  /** Encoded items, least recently changed first. */
  *encodedItems(): IterableIterator<string> {
    for (const item of this.#items.values()) yield item.json;
  }

  /** What changed after `seq`; undefined when it comes to more than `maxCharacters`, and a snapshot is the better answer. */
  changesAfter(seq: number, maxCharacters: number): EncodedChange | undefined {
    const set: string[] = [];
    const del: string[] = [];
    let size = 0;
    for (const item of this.#items.values()) {
      if (item.seq <= seq) continue;
      set.push(item.json);
      size += item.json.length;
      if (size > maxCharacters && set.length > 1) return undefined;
    }
    for (const tombstone of this.#tombstones.values()) {
      if (tombstone.seq <= seq) continue;
      const json = encodeDeletion(tombstone.key, tombstone.version);
      del.push(json);
      size += json.length;
      if (size > maxCharacters) return undefined;
    }
    return { set, del };
  }

  #set(key: string, sourceVersion: number | undefined, valueJson: string, options: ApplyOptions): string | undefined {
    const held =
      this.#items.get(key) ?? (options.isWhole === true && options.renumber ? undefined : this.#tombstones.get(key));
    if (isStale(sourceVersion, held)) return undefined;
    const version = this.#nextVersion(sourceVersion, options);
    const head = `{"key":${JSON.stringify(key)},"version":${String(version)},"value":`;
    const json = `${head}${valueJson}}`;
    // Deleted first, so that the map's order is the order of change.
    this.#items.delete(key);
    this.#items.set(key, { key, version, sourceVersion, json, valueAt: head.length, seq: options.seq });
    this.#tombstones.delete(key);
    return json;
  }

  #delete(key: string, sourceVersion: number | undefined, options: ApplyOptions): string | undefined {
    const item = this.#items.get(key);
    const held = item ?? this.#tombstones.get(key);
    if (isStale(sourceVersion, held)) return undefined;
    if (item === undefined && sourceVersion === undefined) return undefined;
    // Without a version of the source's: just above the item's own, below the one that its next change may have.
    const version =
      options.renumber || sourceVersion !== undefined
        ? this.#nextVersion(sourceVersion, options)
        : (item as ContentItem).version + 0.5;
    this.#items.delete(key);
    this.#bury({ key, version, sourceVersion: sourceVersion ?? held?.sourceVersion, seq: options.seq });
    // A deletion of what was never there is remembered, since an older change may follow, but not published.
    return item === undefined ? undefined : encodeDeletion(key, version);
  }

  #bury(tombstone: Tombstone): void {
    this.#tombstones.delete(tombstone.key);
    this.#tombstones.set(tombstone.key, tombstone);
    if (this.#tombstones.size <= this.#maxTombstones) return;
    for (const oldest of this.#tombstones.values()) {
      this.#forgottenSeq = oldest.seq;
      this.#tombstones.delete(oldest.key);
      break;
    }
  }

  #nextVersion(sourceVersion: number | undefined, { renumber }: ApplyOptions): number {
    const version = renumber || sourceVersion === undefined ? Math.floor(this.#version) + 1 : sourceVersion;
    this.#version = Math.max(this.#version, version);
    return version;
  }
}

/** A value that is JSON text already, as brokers deliver it. */
export class EncodedValue {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

function isStale(sourceVersion: number | undefined, held: ContentItem | Tombstone | undefined): boolean {
  return sourceVersion !== undefined && held?.sourceVersion !== undefined && sourceVersion <= held.sourceVersion;
}

function encodeValue(value: unknown): string {
  return value instanceof EncodedValue ? value.json : (JSON.stringify(value) ?? 'null');
}

function encodeDeletion(key: string, version: number): string {
  return `{"key":${JSON.stringify(key)},"version":${String(version)}}`;
}
