/**
 * Encoded frames of a feed's history by position, shared by all that resume at about the same time, so that a crowd that
 * comes back costs one copy of what it missed. Keeps none alive: a frame goes with the last subscriber that has yet to
 * send it.
 */
export class HistoryFrames {
  readonly #maxFrames: number;
  readonly #frames = new Map<string, WeakRef<Buffer>>();

  /** `maxFrames`: positions that are remembered; at the bound the one that was encoded first is forgotten. */
  constructor(maxFrames: number) {
    this.#maxFrames = maxFrames;
  }

  /** The frame of a position: the one that somebody still holds, or a new one. */
  at(position: string, encode: () => Buffer): Buffer {
    const known = this.#frames.get(position)?.deref();
    if (known !== undefined) return known;
    const frame = encode();
    this.#frames.delete(position);
    this.#frames.set(position, new WeakRef(frame));
    if (this.#frames.size > this.#maxFrames) {
      for (const oldest of this.#frames.keys()) {
        this.#frames.delete(oldest);
        break;
      }
    }
    return frame;
  }
}
