/** Bounds of a ring, whichever is reached first; the newest frame always stays. */
export interface RingBounds {
  readonly maxFrames: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

interface RingEntry {
  readonly frame: Buffer;
  readonly position: string | undefined;
  readonly at: number;
}

/**
 * Bounded log of encoded frames, numbered by a sequence that only grows. Readers are cursors: they hold a sequence
 * number and ask for the span behind it, so that a reader costs the ring nothing. At the bound the oldest is dropped.
 */
export class FrameRing {
  readonly #bounds: RingBounds;
  #entries: RingEntry[] = [];
  #head = 0;
  #bytes = 0;
  #next = 0;
  #basePosition: string | undefined;
  /** Of the newest frame that has one. */
  #newestPosition: string | undefined;
  // The last span, since all readers that keep up ask for the same one.
  #spanFrom = -1;
  #spanNext = -1;
  #spanBudget = -1;
  #span: Buffer | undefined;
  #spanTo = 0;

  constructor(bounds: RingBounds, basePosition: string | undefined) {
    this.#bounds = bounds;
    this.#basePosition = basePosition;
  }

  /** Sequence number of the oldest frame held. */
  get first(): number {
    return this.#next - (this.#entries.length - this.#head);
  }

  /** Sequence number that the next frame will get. */
  get next(): number {
    return this.#next;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Position of the newest frame that has one, or the one that the ring started after. */
  get position(): string | undefined {
    return this.#newestPosition ?? this.#basePosition;
  }

  /** Position that the oldest frame held follows. */
  get basePosition(): string | undefined {
    return this.#basePosition;
  }

  /** Sets the position that the first frame follows; while nothing has been dropped or put before it. */
  startAfter(position: string): void {
    if (this.first === 0) this.#basePosition = position;
  }

  /** Whether so many older frames fit before the oldest, as far as their number goes. */
  hasRoomBefore(count: number): boolean {
    return count + this.#entries.length - this.#head <= this.#bounds.maxFrames;
  }

  /**
   * Puts older frames before the oldest: the last of them must carry the position that the ring starts after. Does it
   * only when all of them fit within the bounds; returns whether it did. Sequence numbers of readers stay true, those of
   * older frames may be negative.
   */
  prepend(
    frames: readonly { readonly frame: Buffer; readonly position: string }[],
    basePosition: string,
    nowMs: number,
  ): boolean {
    const bytes = frames.reduce((sum, { frame }) => sum + frame.length, this.#bytes);
    const length = frames.length + this.#entries.length - this.#head;
    if (bytes > this.#bounds.maxBytes || length > this.#bounds.maxFrames) return false;
    if (frames.at(-1)?.position !== this.#basePosition) return false;
    const at = this.#entries[this.#head]?.at ?? nowMs;
    this.#entries = [...frames.map((entry) => ({ ...entry, at })), ...this.#entries.slice(this.#head)];
    this.#head = 0;
    this.#bytes = bytes;
    this.#basePosition = basePosition;
    return true;
  }

  append(frame: Buffer, position: string | undefined, at: number): void {
    this.#entries.push({ frame, position, at });
    this.#newestPosition = position ?? this.#newestPosition;
    this.#bytes += frame.length;
    this.#next += 1;
    const { maxFrames, maxBytes, maxAgeMs } = this.#bounds;
    while (this.#entries.length - this.#head > 1) {
      const oldest = this.#entries[this.#head] as RingEntry;
      const length = this.#entries.length - this.#head;
      if (length <= maxFrames && this.#bytes <= maxBytes && at - oldest.at <= maxAgeMs) break;
      this.#bytes -= oldest.frame.length;
      this.#basePosition = oldest.position ?? this.#basePosition;
      this.#head += 1;
    }
    // Moving the rest down is cheap when half is gone, and keeps the array from growing without end.
    if (this.#head > 32 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  /**
   * Sequence number of the frame after `position`, or undefined when the ring does not hold that position. Where one comes
   * again after others, as from a source that was restored from a backup, it is behind the first frames that have it: who
   * has been there before must get what lay between, and who has not gets it twice.
   */
  seqAfter(position: string): number | undefined {
    let seq = position === this.#basePosition ? this.first : undefined;
    for (let index = this.#head; index < this.#entries.length; index += 1) {
      const held = this.#entries[index]?.position;
      if (held === position) seq = this.first + (index - this.#head) + 1;
      else if (seq !== undefined && held !== undefined) break;
    }
    return seq;
  }

  /**
   * Frames from `from` on, as one buffer of at most `budgetBytes` (a single larger frame comes alone); undefined at the
   * end. `from` must be on the ring. {@link spanEnd} then tells the sequence number to go on from.
   */
  span(from: number, budgetBytes: number): Buffer | undefined {
    if (from >= this.#next) return undefined;
    if (from === this.#spanFrom && this.#next === this.#spanNext && budgetBytes === this.#spanBudget) return this.#span;
    const start = this.#head + (from - this.first);
    let end = start;
    let size = 0;
    while (end < this.#entries.length) {
      const { length } = (this.#entries[end] as RingEntry).frame;
      if (end > start && size + length > budgetBytes) break;
      size += length;
      end += 1;
    }
    this.#span =
      end - start === 1
        ? (this.#entries[start] as RingEntry).frame
        : Buffer.concat(
            this.#entries.slice(start, end).map((entry) => entry.frame),
            size,
          );
    this.#spanFrom = from;
    this.#spanNext = this.#next;
    this.#spanBudget = budgetBytes;
    this.#spanTo = from + (end - start);
    return this.#span;
  }

  /** Sequence number after the last {@link span}. */
  get spanEnd(): number {
    return this.#spanTo;
  }
}
