import type { PublicationFrame, SnapshotFrame, StateItem } from '../protocol/frames.ts';
import type { StateItems } from './types.ts';

/** Deletions that are remembered; the oldest go first. As many as a server's feed remembers. */
const maxTombstones = 10_000;

/** The items of one state feed. */
export class ItemStore {
  #items: Map<string, StateItem> | undefined;
  /** Whether somebody may hold the map, under whom it must not change. */
  #isShared = false;
  readonly #deleted = new Map<string, number>();
  #collected: StateItem[] | undefined;

  /** Undefined until a snapshot or a change came; another map when something has changed since it was last asked for. */
  get items(): StateItems | undefined {
    this.#isShared = true;
    return this.#items;
  }

  get size(): number {
    return this.#items?.size ?? 0;
  }

  /** [F1] Collects a piece aside; true when it was the last and the whole was swapped in. */
  collect(frame: SnapshotFrame): boolean {
    this.#collected ??= [];
    for (const item of frame.items) this.#collected.push(item);
    if (frame.more) return false;
    this.#items = new Map(this.#collected.map((item) => [item.key, item]));
    this.#isShared = false;
    this.#deleted.clear();
    this.#collected = undefined;
    return true;
  }

  /** [F2] Applies what is newer than what is held; false when nothing was. */
  apply(frame: PublicationFrame): boolean {
    let changed = this.#items === undefined;
    const isNewer = ({ key, version }: { readonly key: string; readonly version: number }): boolean =>
      version > (this.#items?.get(key)?.version ?? this.#deleted.get(key) ?? -Infinity);
    if (changed) this.#own();
    for (const item of frame.set ?? []) {
      if (!isNewer(item)) continue;
      this.#own().set(item.key, item);
      this.#deleted.delete(item.key);
      changed = true;
    }
    for (const deletion of frame.del ?? []) {
      if (!isNewer(deletion)) continue;
      if (this.#items?.has(deletion.key) === true) changed = this.#own().delete(deletion.key);
      this.#deleted.delete(deletion.key);
      this.#deleted.set(deletion.key, deletion.version);
    }
    for (const key of this.#deleted.keys()) {
      if (this.#deleted.size <= maxTombstones) break;
      this.#deleted.delete(key);
    }
    return changed;
  }

  /** The map to change: a copy when somebody may hold the present one. */
  #own(): Map<string, StateItem> {
    if (this.#items === undefined || this.#isShared) this.#items = new Map(this.#items);
    this.#isShared = false;
    return this.#items;
  }

  /** Forgets a snapshot that will not be completed. */
  dropCollected(): void {
    this.#collected = undefined;
  }

  /** Forgets all: what is held may not be shown any more. */
  clear(): void {
    this.#items = undefined;
    this.#deleted.clear();
    this.#collected = undefined;
  }
}
