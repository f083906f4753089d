import type { StateChange } from './types.ts';

interface ContentItem {
  readonly key: string;
  readonly version: number;
  /** Encoded `{"key":…,"version":…,"value":…}`, so that no value is encoded twice. */
  readonly json: string;
  readonly valueJson: string;
  /** Sequence number of the ring frame that brought it. */
  readonly seq: number;
}

interface Tombstone {
  readonly key: string;
  readonly version: number;
  readonly seq: number;
}

/** Encoded members of one publication of a state feed. */
export interface EncodedChange {
  readonly set: readonly string[];
  readonly del: readonly string[];
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
  #forgottenSeq = -1;
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

  /** Takes a change in as ring frame `seq`. Returns what to publish, or undefined when nothing is new. */
  apply(change: StateChange, seq: number): EncodedChange | undefined {
    const set: string[] = [];
    const del: string[] = [];
    for (const { key, version, value } of change.set ?? []) {
      const held = this.#versionOf(key);
      const next = version ?? this.#nextVersion();
      if (held !== undefined && next <= held) continue;
      this.#version = Math.max(this.#version, next);
      const valueJson = value instanceof EncodedValue ? value.json : (JSON.stringify(value) ?? 'null');
      const json = `{"key":${JSON.stringify(key)},"version":${String(next)},"value":${valueJson}}`;
      // Deleted first, so that the map's order is the order of change.
      this.#items.delete(key);
      this.#items.set(key, { key, version: next, json, valueJson, seq });
      this.#tombstones.delete(key);
      set.push(json);
    }
    for (const { key, version } of change.del ?? []) {
      const item = this.#items.get(key);
      if (item === undefined) continue;
      const next = version ?? this.#nextVersion();
      if (next <= item.version) continue;
      this.#version = Math.max(this.#version, next);
      this.#items.delete(key);
      this.#bury({ key, version: next, seq });
      del.push(encodeDeletion(key, next));
    }
    return set.length + del.length === 0 ? undefined : { set, del };
  }

  /** The change that makes `items` the whole content. */
  difference(items: NonNullable<StateChange['set']>): StateChange {
    const keys = new Set(items.map((item) => item.key));
    const set = items.filter((item) => {
      const held = this.#items.get(item.key);
      if (held === undefined || item.version !== undefined) return true;
      return held.valueJson !== (item.value instanceof EncodedValue ? item.value.json : JSON.stringify(item.value));
    });
    const del = [...this.#items.keys()].filter((key) => !keys.has(key)).map((key) => ({ key }));
    return { set, del };
  }

  /** Encoded items, least recently changed first. */
  *encodedItems(): IterableIterator<string> {
    for (const item of this.#items.values()) yield item.json;
  }

  /**
   * What changed after `seq`, oldest change first, in at most `budgetBytes` (but never less than one frame's changes).
   * `seq` of the answer is the last frame that it covers.
   */
  changesAfter(seq: number, budgetBytes: number): EncodedChange & { readonly seq: number; readonly more: boolean } {
    const changed: (ContentItem | Tombstone)[] = [];
    for (const item of this.#items.values()) if (item.seq > seq) changed.push(item);
    for (const tombstone of this.#tombstones.values()) if (tombstone.seq > seq) changed.push(tombstone);
    changed.sort((a, b) => a.seq - b.seq);
    const set: string[] = [];
    const del: string[] = [];
    let size = 0;
    let covered = seq;
    for (const entry of changed) {
      if (entry.seq !== covered && size >= budgetBytes) return { set, del, seq: covered, more: true };
      covered = entry.seq;
      const json = 'json' in entry ? entry.json : encodeDeletion(entry.key, entry.version);
      ('json' in entry ? set : del).push(json);
      size += json.length;
    }
    return { set, del, seq: covered, more: false };
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

  #versionOf(key: string): number | undefined {
    return (this.#items.get(key) ?? this.#tombstones.get(key))?.version;
  }

  #nextVersion(): number {
    return this.#version + 1;
  }
}

/** A value that is JSON text already, as brokers deliver it. */
export class EncodedValue {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

function encodeDeletion(key: string, version: number): string {
  return `{"key":${JSON.stringify(key)},"version":${String(version)}}`;
}
