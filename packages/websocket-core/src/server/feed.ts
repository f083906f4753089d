import type { FleetwireError } from '../core/errors.ts';
import type { QueueLimits } from '../protocol/limits.ts';
import type { SubscribeMode } from '../protocol/frames.ts';
import type { Cursor } from './cursor.ts';
import { FrameRing } from './frame-ring.ts';
import { HistoryFrames } from './history-frames.ts';
import { StateContent, type EncodedChange } from './state-content.ts';
import type { ChannelClass, ChannelSource, FeedRequest, FeedSink, OpenedFeed, StateChange } from './types.ts';
import { frameText } from './ws-frame.ts';

/** What a feed needs of its server. */
export interface FeedEnvironment {
  readonly queueLimits: QueueLimits;
  readonly recoverableWindowMs: number;
  now(): number;
  /** The feed has frames that its subscribers have not pulled. */
  wake(feed: Feed): void;
  /** The feed is over; its subscribers have been told. */
  ended(feed: Feed): void;
  /** Frames that one publication came to. */
  published(channelClass: ChannelClass): void;
}

/** Frames that stand for the whole state, and the ring frame to go on from. */
interface Snapshot {
  readonly frames: readonly Buffer[];
  readonly next: number;
}

/** How a subscription can start, decided without waiting. */
export interface StartPoint {
  readonly mode: SubscribeMode;
  readonly seq: number;
  readonly frames: readonly Buffer[];
  readonly position: string | undefined;
}

/**
 * One channel with parameters and scope: a ring of encoded frames that all its subscribers read. Frames are encoded
 * once, whatever the number of subscribers.
 */
export class Feed implements FeedSink {
  readonly ch: number;
  readonly key: string;
  readonly request: FeedRequest;
  readonly source: ChannelSource<never>;
  readonly cursors = new Set<Cursor>();
  readonly #environment: FeedEnvironment;
  readonly #ring: FrameRing;
  readonly #content: StateContent | undefined;
  readonly #ownEpoch: string;
  readonly #prefix: string;
  #ownsPositions = true;
  #opened: OpenedFeed | undefined;
  #snapshot: Snapshot | undefined;
  /** Made when somebody resumes from further back than the ring. */
  #historyFrames: HistoryFrames | undefined;
  #over = false;
  /** Set while a `wake` is under way. */
  dirty = false;

  constructor(options: {
    readonly ch: number;
    readonly key: string;
    readonly epoch: string;
    readonly request: FeedRequest;
    readonly source: ChannelSource<never>;
    readonly environment: FeedEnvironment;
  }) {
    this.ch = options.ch;
    this.key = options.key;
    this.request = options.request;
    this.source = options.source;
    this.#environment = options.environment;
    this.#ownEpoch = options.epoch;
    const { queueLimits, recoverableWindowMs } = options.environment;
    this.#ring = new FrameRing(
      { maxFrames: queueLimits.maxRingFrames, maxBytes: queueLimits.maxRingBytes, maxAgeMs: recoverableWindowMs },
      options.source.class === 'ephemeral' ? undefined : `${options.epoch}:0`,
    );
    this.#content = options.source.class === 'state' ? new StateContent(queueLimits.maxTombstones) : undefined;
    this.#prefix = `{"type":"publication","ch":${String(options.ch)}`;
  }

  get class(): ChannelClass {
    return this.source.class;
  }

  get ringBytes(): number {
    return this.#ring.bytes;
  }

  get next(): number {
    return this.#ring.next;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Called once with what the source opened. */
  opened(opened: OpenedFeed): void {
    this.#opened = opened;
    if (opened.position === undefined || this.class === 'ephemeral') return;
    this.#ownsPositions = false;
    this.#ring.startAfter(opened.position);
  }

  publish(item: {
    readonly data?: unknown;
    readonly json?: string | undefined;
    readonly position?: string | undefined;
  }): void {
    if (this.#over) return;
    if (this.#content !== undefined)
      throw new TypeError(`channel ${this.request.channel} is a state channel: use change()`);
    this.#append(
      this.#encode(`"data":${item.json ?? JSON.stringify(item.data) ?? 'null'}`, this.#positionOf(item.position)),
      item.position,
    );
  }

  change(change: StateChange): void {
    if (this.#over) return;
    if (this.#content === undefined)
      throw new TypeError(`channel ${this.request.channel} is no state channel: use publish()`);
    const encoded = this.#content.apply(change, this.#ring.next);
    if (encoded === undefined) return;
    this.#append(this.#encode(encodeChange(encoded), this.#positionOf(change.position)), change.position);
  }

  replace(items: NonNullable<StateChange['set']>, position?: string): void {
    if (this.#over || this.#content === undefined) return;
    this.change({ ...this.#content.difference(items), position });
  }

  end(error: FleetwireError): void {
    if (this.#over) return;
    this.#over = true;
    for (const cursor of [...this.cursors])
      cursor.connection.endSubscription(cursor, error.code, error.message, error.retryable);
    this.dispose();
    this.#environment.ended(this);
  }

  dispose(): void {
    this.#over = true;
    this.#opened?.dispose();
    this.#opened = undefined;
  }

  /** Fetches what the origin holds and this feed does not. */
  async sync(): Promise<void> {
    await this.#opened?.sync?.();
  }

  /** Where a subscription without `since` starts. */
  start(): StartPoint {
    if (this.#content === undefined)
      return { mode: 'live', seq: this.#ring.next, frames: [], position: this.#ring.position };
    const snapshot = this.snapshot();
    return { mode: 'snapshot', seq: snapshot.next, frames: snapshot.frames, position: undefined };
  }

  /** Where a subscription that resumes after `since` starts, when the ring holds that position. */
  resume(since: string): StartPoint | undefined {
    const seq = this.class === 'ephemeral' ? undefined : this.#ring.seqAfter(since);
    return seq === undefined ? undefined : { mode: 'recovered', seq, frames: [], position: since };
  }

  /** The same from the history behind the ring. Undefined when it does not reach back that far. */
  async resumeFromHistory(since: string): Promise<StartPoint | undefined> {
    const opened = this.#opened;
    if (opened?.history === undefined || this.#content !== undefined) return undefined;
    const history = await opened.history(since, this.#environment.queueLimits.maxRingFrames);
    if (history.kind === 'gone') return undefined;
    // Deliveries went on meanwhile: go over to the ring at the newest entry that it knows.
    for (let index = history.entries.length - 1; index >= -1; index -= 1) {
      const position = index === -1 ? since : (history.entries[index]?.position as string);
      const seq = this.#ring.seqAfter(position);
      if (seq === undefined) continue;
      return {
        mode: 'recovered',
        seq,
        frames: this.#encodeEntries(history.entries.slice(0, index + 1)),
        position: since,
      };
    }
    if (history.entries.length === 0) return undefined;
    // The history does not reach the ring in one page: send the page, then LAGGED; the client resumes from there.
    return { mode: 'recovered', seq: -1, frames: this.#encodeEntries(history.entries), position: since };
  }

  /** The whole state, encoded once for all subscribers that ask before it falls off the ring. */
  snapshot(): Snapshot {
    const cached = this.#snapshot;
    if (cached !== undefined && cached.next >= this.#ring.first) return cached;
    const frames: Buffer[] = [];
    let items: string[] = [];
    let size = 0;
    for (const json of this.#content?.encodedItems() ?? []) {
      if (items.length > 0 && size + json.length > this.#environment.queueLimits.snapshotFrameBytes) {
        frames.push(this.#encodeSnapshot(items, true));
        items = [];
        size = 0;
      }
      items.push(json);
      size += json.length;
    }
    frames.push(this.#encodeSnapshot(items, false));
    this.#snapshot = { frames, next: this.#ring.next };
    return this.#snapshot;
  }

  /** Bytes of the ring for a cursor that is on it. */
  span(cursor: Cursor, budgetBytes: number): Buffer | undefined {
    const span = this.#ring.span(cursor.seq, budgetBytes);
    if (span !== undefined) cursor.seq = this.#ring.spanEnd;
    return span;
  }

  isOffRing(cursor: Cursor): boolean {
    return cursor.seq < this.#ring.first;
  }

  /** Brings a cursor that fell off the ring of a state or ephemeral feed back on it; returns what its connection is sent. */
  catchUp(cursor: Cursor): readonly Buffer[] {
    if (this.#content === undefined) {
      const dropped = this.#ring.next - cursor.seq;
      cursor.seq = this.#ring.next;
      return [frameText(`{"type":"gap","ch":${String(this.ch)},"dropped":${String(dropped)}}`)];
    }
    if (cursor.seq <= this.#content.forgottenSeq) {
      const snapshot = this.snapshot();
      cursor.seq = snapshot.next;
      return snapshot.frames;
    }
    const changes = this.#content.changesAfter(cursor.seq - 1, this.#environment.queueLimits.snapshotFrameBytes);
    cursor.seq = changes.more ? changes.seq + 1 : this.#ring.next;
    if (changes.set.length + changes.del.length === 0) return [];
    return [this.#encode(encodeChange(changes), changes.more ? undefined : this.#ring.position)];
  }

  #append(frame: Buffer, position: string | undefined): void {
    this.#ring.append(frame, this.#positionOf(position), this.#environment.now());
    this.#environment.published(this.class);
    if (this.cursors.size > 0) this.#environment.wake(this);
  }

  /** Position of the frame that is about to be appended. */
  #positionOf(given: string | undefined): string | undefined {
    if (this.class === 'ephemeral') return undefined;
    if (given !== undefined) this.#ownsPositions = false;
    return this.#ownsPositions ? `${this.#ownEpoch}:${String(this.#ring.next + 1)}` : given;
  }

  #encode(members: string, position: string | undefined): Buffer {
    return frameText(
      position === undefined
        ? `${this.#prefix},${members}}`
        : `${this.#prefix},"position":${JSON.stringify(position)},${members}}`,
    );
  }

  #encodeEntries(entries: readonly { readonly json: string; readonly position: string }[]): Buffer[] {
    this.#historyFrames ??= new HistoryFrames(this.#environment.queueLimits.maxRingFrames);
    const shared = this.#historyFrames;
    return entries.map(({ json, position }) => shared.at(position, () => this.#encode(`"data":${json}`, position)));
  }

  #encodeSnapshot(items: readonly string[], more: boolean): Buffer {
    const position = this.#ring.position;
    const tail = more || position === undefined ? '' : `,"position":${JSON.stringify(position)}`;
    return frameText(
      `{"type":"snapshot","ch":${String(this.ch)},"items":[${items.join(',')}],"more":${String(more)}${tail}}`,
    );
  }
}

function encodeChange(change: EncodedChange): string {
  const set = change.set.length > 0 ? `"set":[${change.set.join(',')}]` : '';
  const del = change.del.length > 0 ? `"del":[${change.del.join(',')}]` : '';
  return set !== '' && del !== '' ? `${set},${del}` : set + del;
}
