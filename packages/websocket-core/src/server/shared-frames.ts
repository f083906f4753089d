/** Frames that cursors hold until they are sent. A crowd shares them, and they count once. */
export class SharedFrames {
  readonly #holders = new Map<readonly Buffer[], number>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** One more holds them, until {@link letGo}. */
  hold(frames: readonly Buffer[]): void {
    if (frames.length === 0) return;
    const holders = this.#holders.get(frames) ?? 0;
    this.#holders.set(frames, holders + 1);
    if (holders === 0) this.#bytes += bytesOf(frames);
  }

  letGo(frames: readonly Buffer[]): void {
    const holders = this.#holders.get(frames);
    if (holders === undefined) return;
    if (holders > 1) this.#holders.set(frames, holders - 1);
    else {
      this.#holders.delete(frames);
      this.#bytes -= bytesOf(frames);
    }
  }
}

/** Bytes of frames together. */
export function bytesOf(frames: readonly Buffer[]): number {
  return frames.reduce((sum, { length }) => sum + length, 0);
}
