import type { AcceptedSocket } from '../core/accepted-socket.ts';
import type { QueueLimits } from '../protocol/limits.ts';
import type { Cursor } from './cursor.ts';
import type { ServerMetrics } from './server-metrics.ts';
import { frameText } from './ws-frame.ts';

/**
 * What one connection has to send: control frames (answers, notices) first, then its feeds in turn. Control frames are
 * queued; feeds are pulled, and only while the socket takes bytes.
 */
export class Outbox {
  readonly #socket: AcceptedSocket;
  readonly #limits: QueueLimits;
  readonly #metrics: ServerMetrics;
  #control: Buffer[] = [];
  #controlBytes = 0;
  #lanes: Cursor[] = [];
  #turn = 0;

  constructor(socket: AcceptedSocket, limits: QueueLimits, metrics: ServerMetrics) {
    this.#socket = socket;
    this.#limits = limits;
    this.#metrics = metrics;
  }

  get controlBytes(): number {
    return this.#controlBytes;
  }

  /** More answers wait than a connection may have waiting. */
  get isOverfull(): boolean {
    return this.#controlBytes > this.#limits.maxControlBytes;
  }

  pushControl(text: string): void {
    const frame = frameText(text);
    this.#control.push(frame);
    this.#controlBytes += frame.length;
  }

  addLane(cursor: Cursor): void {
    cursor.ready = true;
    this.#lanes.push(cursor);
  }

  /** Takes a cursor out of the round; what it had not pulled is never sent. */
  removeLane(cursor: Cursor): void {
    if (!cursor.ready) return;
    cursor.ready = false;
    // Most connections have one lane: no search, and no array from splice, for each flush of each connection.
    if (this.#lanes.at(-1) === cursor) {
      this.#lanes.pop();
      return;
    }
    const index = this.#lanes.indexOf(cursor);
    if (index === -1) return;
    this.#lanes.splice(index, 1);
    if (index < this.#turn) this.#turn -= 1;
  }

  clear(): void {
    this.#control = [];
    this.#controlBytes = 0;
    this.#lanes = [];
  }

  /** Writes what there is while the socket takes bytes. */
  pump(): void {
    let room = this.#limits.maxQueuedBytes - this.#socket.queuedBytes;
    let first: Buffer | undefined;
    let corked = false;
    while (room > 0) {
      const bytes = this.#takeControl() ?? this.#pullLane();
      if (bytes === undefined) break;
      room -= bytes.length;
      if (first === undefined) {
        // Kept back: most pumps have one buffer, which needs no cork.
        first = bytes;
        continue;
      }
      if (!corked) {
        corked = true;
        this.#socket.cork();
        this.#socket.write(first);
      }
      this.#socket.write(bytes);
    }
    if (corked) this.#socket.uncork();
    else if (first !== undefined) this.#socket.write(first);
  }

  /** Writes the control frames whatever the socket holds: what explains a close should arrive before it. */
  flushControl(): void {
    const bytes = this.#takeControl();
    if (bytes !== undefined) this.#socket.write(bytes);
  }

  /** Whether the socket holds as much as it may, so that the rest waits. */
  get isBehind(): boolean {
    return this.#socket.queuedBytes >= this.#limits.maxQueuedBytes;
  }

  #takeControl(): Buffer | undefined {
    if (this.#controlBytes === 0) return undefined;
    const frames = this.#control;
    const size = this.#controlBytes;
    this.#control = [];
    this.#controlBytes = 0;
    this.#metrics.writtenControl(size);
    return frames.length === 1 ? frames[0] : Buffer.concat(frames, size);
  }

  #pullLane(): Buffer | undefined {
    while (this.#lanes.length > 0) {
      if (this.#turn >= this.#lanes.length) this.#turn = 0;
      const cursor = this.#lanes[this.#turn] as Cursor;
      const bytes = cursor.pull(this.#limits.laneTurnBytes);
      if (bytes !== undefined) this.#metrics.writtenFeeds(bytes.length);
      if (bytes !== undefined && cursor.pending) {
        this.#turn += 1;
        return bytes;
      }
      this.removeLane(cursor);
      if (bytes !== undefined) return bytes;
      // A lane that ended may have left a notice, which goes first.
      if (this.#controlBytes > 0) return this.#takeControl();
    }
    return undefined;
  }
}
