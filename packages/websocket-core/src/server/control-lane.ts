import { frameText } from './ws-frame.ts';

/** Frames of a connection that go before its feeds: answers, pings, notices. */
export class ControlLane {
  #frames: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(text: string): void {
    const frame = frameText(text);
    this.#frames.push(frame);
    this.#bytes += frame.length;
  }

  /** All that waits, for one write; undefined when nothing does. */
  take(): Buffer | undefined {
    if (this.#bytes === 0) return undefined;
    const frames = this.#frames;
    const size = this.#bytes;
    this.#frames = [];
    this.#bytes = 0;
    return frames.length === 1 ? frames[0] : Buffer.concat(frames, size);
  }
}
