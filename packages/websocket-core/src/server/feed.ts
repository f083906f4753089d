import { FleetwireError } from '../core/errors.ts';
import type { QueueLimits } from '../protocol/limits.ts';
import type { SubscribeMode } from '../protocol/frames.ts';
import type { Cursor } from './cursor.ts';
import { FrameRing } from './frame-ring.ts';
import { bytesOf, SharedFrames } from './shared-frames.ts';
import { StateContent, type EncodedChange } from './state-content.ts';
import type { ChannelClass, ChannelSource, FeedRequest, FeedSink, OpenedFeed, StateChange } from './types.ts';
import { frameText } from './ws-frame.ts';

/** Entries of a history that one connection holds at a time, when the history does not fit into the ring. */
const historyPageEntries = 100;

/** Frames by which a large cached snapshot may be behind: a crowd shares one, and nobody gets much twice. */
const maxSnapshotLag = 100;

/** Up to so many bytes a snapshot is never behind: its reader would take what was true before, and followed it, for news. */
const maxPresentSnapshotBytes = 262_144;

/** What a feed needs of its server. */
export interface FeedEnvironment {
  readonly queueLimits: QueueLimits;
  readonly recoverableWindowMs: number;
  now(): number;
  /** Rejects with TIMEOUT when a source takes too long to answer. */
  inTime<T>(work: () => Promise<T>): Promise<T>;
  /** The feed has frames that its subscribers have not pulled. */
  wake(feed: Feed): void;
  /** The feed is over; its subscribers have been told. */
  ended(feed: Feed): void;
  /** A source failed in a way that concerns only the log. */
  failed(error: unknown, message: string, channel: string): void;
  published(channelClass: ChannelClass): void;
}

/** Frames that stand for the whole state, and the ring frame to go on from. */
interface Snapshot {
  readonly frames: readonly Buffer[];
  readonly next: number;
}

/** A page of frames and where the history goes on after it. */
type HistoryPage = Pick<StartPoint, 'frames' | 'historyAfter'>;

/** What a source answered, shared by all who asked for the same. */
interface HistoryAnswer {
  readonly entries: readonly { readonly json: string; readonly position: string }[];
  page: HistoryPage | undefined;
}

/** How a subscription can start, decided without waiting. */
export interface StartPoint {
  readonly mode: SubscribeMode;
  readonly seq: number;
  readonly frames: readonly Buffer[];
  readonly position: string | undefined;
  /** More of the history follows after this position, page by page, before the ring. */
  readonly historyAfter?: string | undefined;
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
  /** What subscriptions are refused with once the feed is over. */
  #endError: FleetwireError | undefined;
  #isOpening = true;
  /** Questions to the history that are under way, by position: a crowd that lost one server asks the same. */
  readonly #historyUnderWay = new Map<string, Promise<HistoryAnswer | undefined>>();
  /** What cursors have not sent of snapshots and histories. */
  readonly unsent = new SharedFrames();
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
    return this.#ring.bytes + (this.class === 'recoverable' ? this.unsent.bytes : 0);
  }

  get next(): number {
    return this.#ring.next;
  }

  get over(): boolean {
    return this.#endError !== undefined;
  }

  get endError(): FleetwireError | undefined {
    return this.#endError;
  }

  /** Bytes of frames that are kept beside the ring. */
  get snapshotBytes(): number {
    return bytesOf(this.#snapshot?.frames ?? []);
  }

  /** Called once with what the source opened. */
  opened(opened: OpenedFeed): void {
    this.#opened = opened;
    this.#isOpening = false;
    if (opened.position === undefined || this.class === 'ephemeral') return;
    // What came while the feed was opened is in the content already, and moved the position on.
    if (this.#content !== undefined && !this.#ownsPositions) return;
    this.#ownsPositions = false;
    this.#ring.startAfter(opened.position);
  }

  publish(item: {
    readonly data?: unknown;
    readonly json?: string | undefined;
    readonly position?: string | undefined;
  }): void {
    if (this.over) return;
    if (this.#content !== undefined)
      throw new TypeError(`channel ${this.request.channel} is a state channel: use change()`);
    this.#append(
      this.#encode(`"data":${item.json ?? JSON.stringify(item.data) ?? 'null'}`, this.#positionOf(item.position)),
      item.position,
    );
  }

  change(change: StateChange): void {
    this.#change(change, false);
  }

  replace(items: NonNullable<StateChange['set']>, position?: string): void {
    if (this.#content === undefined) return;
    this.#change({ ...this.#content.difference(items), position }, true);
  }

  end(error: FleetwireError): void {
    if (this.over) return;
    this.#endError = error;
    for (const cursor of [...this.cursors])
      cursor.connection.endSubscription(cursor, error.code, error.message, error.retryable);
    this.dispose();
    this.#environment.ended(this);
  }

  dispose(): void {
    this.#endError ??= new FleetwireError('UNAVAILABLE', `the feed of ${this.request.channel} was closed`);
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened !== undefined) this.disposeOpened(opened);
  }

  /** Gives back what a source opened; a failure of the source must not stop whoever cleans up. */
  disposeOpened(opened: OpenedFeed): void {
    try {
      opened.dispose();
    } catch (error) {
      this.#environment.failed(error, 'a channel source failed to dispose', this.request.channel);
    }
  }

  /** Nobody reads it at the moment. */
  idle(): void {
    this.#snapshot = undefined;
  }

  /** Fetches what the origin holds and this feed does not. */
  async sync(): Promise<void> {
    const opened = this.#opened;
    if (opened?.sync !== undefined) await this.#environment.inTime(async () => opened.sync?.());
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
    const answer = await this.#history(since, this.#environment.queueLimits.maxRingFrames);
    // Whoever was answered first has put the history into the ring for all others.
    const resumed = this.resume(since);
    if (resumed !== undefined || answer === undefined || answer.entries.length === 0) return resumed;
    const { basePosition } = this.#ring;
    const before = answer.entries.slice(
      0,
      answer.entries.findLastIndex((entry) => entry.position === basePosition) + 1,
    );
    if (before.length > 0 && this.#ring.hasRoomBefore(before.length)) {
      const frames = before.map((entry) => ({ frame: this.#encodeEntry(entry), position: entry.position }));
      if (this.#ring.prepend(frames, since, this.#environment.now())) return this.resume(since);
    }
    return { mode: 'recovered', seq: Infinity, position: since, ...this.#pageOf(answer) };
  }

  /** The next page of a history that does not fit into the ring; undefined when it is gone. */
  async nextPage(after: string): Promise<HistoryPage | undefined> {
    const answer = await this.#history(after, historyPageEntries);
    if (answer === undefined) return undefined;
    if (answer.entries.length > 0) return this.#pageOf(answer);
    // Nothing newer, yet the ring does not know the position: the ring is behind its origin.
    await this.sync();
    return this.resume(after) === undefined ? undefined : { frames: [], historyAfter: after };
  }

  /** The whole state, encoded once for all subscribers that ask before it falls off the ring. */
  snapshot(): Snapshot {
    const cached = this.#snapshot;
    if (cached !== undefined) {
      const maxLag = this.snapshotBytes > maxPresentSnapshotBytes ? maxSnapshotLag : 0;
      if (this.#ring.next - cached.next <= maxLag && cached.next >= this.#ring.first) return cached;
    }
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
    if (cursor.seq <= this.#content.forgottenSeq) return this.#startOver(cursor);
    const changes = this.#content.changesAfter(cursor.seq - 1, this.#environment.queueLimits.snapshotFrameBytes);
    if (changes === undefined) return this.#startOver(cursor);
    cursor.seq = this.#ring.next;
    if (changes.set.length + changes.del.length === 0) return [];
    return [this.#encode(encodeChange(changes), this.#ring.position)];
  }

  #startOver(cursor: Cursor): readonly Buffer[] {
    const snapshot = this.snapshot();
    cursor.seq = snapshot.next;
    return snapshot.frames;
  }

  #change(change: StateChange, isWhole: boolean): void {
    if (this.over) return;
    if (this.#content === undefined)
      throw new TypeError(`channel ${this.request.channel} is no state channel: use publish()`);
    if (change.position !== undefined) this.#ownsPositions = false;
    const seq = this.#isOpening ? this.#ring.next - 1 : this.#ring.next;
    const encoded = this.#content.apply(change, { seq, renumber: this.#ownsPositions, isWhole });
    if (this.#isOpening) {
      // Nobody reads yet: whoever comes gets it as the snapshot.
      if (change.position !== undefined) this.#ring.startAfter(change.position);
    } else if (encoded !== undefined) {
      this.#append(this.#encode(encodeChange(encoded), this.#positionOf(change.position)), change.position);
    }
  }

  /** One question for all that ask for the same at once; undefined when the history is gone. */
  #history(since: string, limit: number): Promise<HistoryAnswer | undefined> {
    const opened = this.#opened;
    if (opened?.history === undefined || this.#content !== undefined) return Promise.resolve(undefined);
    const key = `${String(limit)} ${since}`;
    const underWay = this.#historyUnderWay.get(key);
    if (underWay !== undefined) return underWay;
    const question = this.#environment
      .inTime(async () => opened.history?.(since, limit))
      .then((history) => (history?.kind === 'entries' ? { entries: history.entries, page: undefined } : undefined))
      .finally(() => this.#historyUnderWay.delete(key));
    this.#historyUnderWay.set(key, question);
    return question;
  }

  /** The first page of an answer, encoded once for all who share the answer. */
  #pageOf(answer: HistoryAnswer): HistoryPage {
    if (answer.page === undefined) {
      const entries = answer.entries.slice(0, historyPageEntries);
      answer.page = {
        frames: entries.map((entry) => this.#encodeEntry(entry)),
        historyAfter: entries.at(-1)?.position,
      };
    }
    return answer.page;
  }

  #append(frame: Buffer, position: string | undefined): void {
    this.#ring.append(frame, this.#positionOf(position), this.#environment.now());
    if (this.#snapshot !== undefined && this.#snapshot.next < this.#ring.first) this.#snapshot = undefined;
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

  #encodeEntry(entry: { readonly json: string; readonly position: string }): Buffer {
    return this.#encode(`"data":${entry.json}`, entry.position);
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
