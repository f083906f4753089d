import type { PublicationFrame, SnapshotFrame, StateItem } from '../protocol/frames.ts';
import type { StateItems } from './types.ts';

/** Deletions that are remembered; the oldest go first. As many as a server's feed remembers. */
const maxTombstones = 10_000;

/** The items of one state feed. */
export class ItemStore {
  #items: StateItems | undefined;
  readonly #deleted = new Map<string, number>();
  #collected: StateItem[] | undefined;

  /** Undefined until a snapshot or a change came; a new map after each change. */
  get items(): StateItems | undefined {
    return this.#items;
  }

  /** [F1] Collects a piece aside; true when it was the last and the whole was swapped in. */
  collect(frame: SnapshotFrame): boolean {
    this.#collected ??= [];
    for (const item of frame.items) this.#collected.push(item);
    if (frame.more) return false;
    this.#items = new Map(this.#collected.map((item) => [item.key, item]));
    this.#deleted.clear();
    this.#collected = undefined;
    return true;
  }

  /** [F2] Applies what is newer than what is held; false when nothing was. */
  apply(frame: PublicationFrame): boolean {
    const items = new Map(this.#items);
    let changed = this.#items === undefined;
    const isNewer = ({ key, version }: { readonly key: string; readonly version: number }): boolean =>
      version > (items.get(key)?.version ?? this.#deleted.get(key) ?? -Infinity);
    for (const item of frame.set ?? []) {
      if (!isNewer(item)) continue;
      items.set(item.key, item);
      this.#deleted.delete(item.key);
      changed = true;
    }
    for (const deletion of frame.del ?? []) {
      if (!isNewer(deletion)) continue;
      changed = items.delete(deletion.key) || changed;
      this.#deleted.delete(deletion.key);
      this.#deleted.set(deletion.key, deletion.version);
    }
    for (const key of this.#deleted.keys()) {
      if (this.#deleted.size <= maxTombstones) break;
      this.#deleted.delete(key);
    }
    if (changed) this.#items = items;
    return changed;
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
