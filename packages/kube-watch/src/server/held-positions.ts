import { compareResourceVersions } from '../core/resource-version.ts';

/** A quarter of a feed's ring (1,000 publications, 4 MiB, 10 min): what is held here the ring holds as well. */
const maxEntries = 250;
const maxBytes = 1024 * 1024;
const maxAgeMs = 150_000;

interface Held {
  readonly position: string;
  readonly bytes: number;
  readonly atMs: number;
}

/** Positions of a feed's last publications: where a subscriber from elsewhere can be led into the feed. */
export class HeldPositions {
  #entries: Held[] = [];
  #bytes = 0;
  #base: string;
  readonly #start: string;
  #lastEvent: string | undefined;

  /** `base` is the position that the feed starts after. */
  constructor(base: string) {
    this.#base = base;
    this.#start = base;
  }

  /** The oldest position that can be gone on from. */
  get base(): string {
    return this.#base;
  }

  /** The newest position. */
  get head(): string {
    return this.#entries.at(-1)?.position ?? this.#base;
  }

  /**
   * What a watch from `position` must reach for nothing to be missing before `until`, a position of this feed. The feed
   * itself knows what came since its start, so that the last event, or the start, is enough. Undefined when nothing is
   * missing.
   */
  dueAfter(position: string, until: string): string | undefined {
    const last = this.#lastEvent ?? this.#start;
    const due = isAfter(until, last) ? last : until;
    return isAfter(due, position) ? due : undefined;
  }

  add(position: string, bytes: number, isEvent: boolean, atMs: number): void {
    this.#entries.push({ position, bytes, atMs });
    this.#bytes += bytes;
    if (isEvent) this.#lastEvent = position;
    let drop = 0;
    for (const entry of this.#entries) {
      const isWithin =
        this.#entries.length - drop <= maxEntries && this.#bytes <= maxBytes && atMs - entry.atMs <= maxAgeMs;
      if (isWithin || drop === this.#entries.length - 1) break;
      drop += 1;
      this.#bytes -= entry.bytes;
      this.#base = entry.position;
    }
    if (drop > 0) this.#entries.splice(0, drop);
  }

  /** The newest held position that is not newer than this one; undefined when all are, or cannot be compared. */
  atOrBefore(position: string): string | undefined {
    for (let index = this.#entries.length - 1; index >= 0; index -= 1) {
      const held = (this.#entries[index] as Held).position;
      const order = compareResourceVersions(held, position);
      if (order !== undefined && order <= 0) return held;
    }
    const order = compareResourceVersions(this.#base, position);
    return order !== undefined && order <= 0 ? this.#base : undefined;
  }
}

function isAfter(a: string, b: string): boolean {
  return (compareResourceVersions(a, b) ?? 0) > 0;
}
