import { StatusError } from '../protocol/status.ts';
import type { WatchEvent } from '../protocol/watch-event.ts';
import type { ResourceDefinition } from '../core/resource-definition.ts';
import { matcherOf } from '../core/selectors/matcher.ts';
import { parseResourceVersion } from '../core/store/resource-version.ts';
import type { KubeStore, Selection } from '../core/types.ts';
import type { FaultySink } from './faulty-sink.ts';
import { checkWatchOptions } from './list-options.ts';
import { type EventLines, errorLine } from './representations.ts';
import { isTrue } from './request-info.ts';
import { statusOf } from './respond.ts';

/** What a watch asks for, checked. */
export interface WatchPlan {
  readonly definition: ResourceDefinition;
  readonly selection: Selection;
  readonly resourceVersion: string;
  readonly initialEvents: 'none' | 'synthetic' | 'announced';
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
}

// The real server picks a duration between 30 and 60 minutes for watches that ask for none.
const MIN_TIMEOUT_SECONDS = 1800;

/**
 * Checks the parameters of a watch.
 *
 * @throws StatusError 400 for an unreadable resourceVersion or selector, 422 for a wrong combination.
 */
export function planWatch(
  definition: ResourceDefinition,
  selection: Selection,
  query: URLSearchParams,
  options: { readonly random: () => number; readonly noWatchList: boolean },
): WatchPlan {
  checkWatchOptions(query, options.noWatchList);
  // Compiled for its errors alone: they come before the answer, not in the stream.
  matcherOf(definition, selection);
  const sendInitial = query.get('sendInitialEvents');
  const resourceVersion = query.get('resourceVersion') ?? '';
  const from = parseResourceVersion(resourceVersion) ?? 0;
  const timeoutSeconds = Number(query.get('timeoutSeconds') ?? '0');
  return {
    definition,
    selection,
    resourceVersion,
    initialEvents:
      sendInitial !== null ? (isTrue(sendInitial) ? 'announced' : 'none') : from === 0 ? 'synthetic' : 'none',
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutMs: 1000 * (timeoutSeconds > 0 ? timeoutSeconds : Math.floor(MIN_TIMEOUT_SECONDS * (1 + options.random()))),
  };
}

// A reader that is slower than the changes is better off with a new watch than with an ever longer queue.
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

interface Waiting {
  readonly line: string;
  readonly isEvent: boolean;
}

/** What a running watch needs. */
export interface WatchRun {
  readonly store: KubeStore;
  readonly plan: WatchPlan;
  readonly lines: EventLines;
  readonly output: FaultySink;
  readonly bookmarkIntervalMs: number;
}

/**
 * Runs a watch; returns what stops it without a word. Errors of the store become ERROR events. The initial state and the
 * history wait for the reader; of what happens meanwhile 16 MiB are kept, then the connection is cut.
 */
export function runWatch({ store, plan, lines, output, bookmarkIntervalMs }: WatchRun): () => void {
  const { definition, selection } = plan;
  const { sink } = output;
  /** Objects and changes that were there before, not yet written as text. */
  let replay: WatchEvent[] = [];
  let replayed = 0;
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let isFirst = true;
  let phase: 'replaying' | 'live' | 'ending' | 'over' = 'replaying';
  let unsubscribe = (): void => undefined;

  const takeFirst = (): boolean => {
    const was = isFirst;
    isFirst = false;
    return was;
  };
  const sendLine = ({ line, isEvent }: Waiting): void => {
    sink.send(line);
    if (isEvent) output.eventSent();
  };
  const bookmark = (): Waiting => ({
    line: lines.bookmark(store.resourceVersion, false, takeFirst()),
    isEvent: false,
  });
  const stop = (): void => {
    phase = 'over';
    clearInterval(ticker);
    clearTimeout(timeout);
    unsubscribe();
    replay = [];
    waiting = [];
  };
  const finish = (): void => {
    if (phase === 'over') return;
    stop();
    sink.end();
  };
  const isDrained = (): boolean => replayed >= replay.length && waiting.length === 0;
  const pump = (): void => {
    while (phase !== 'over' && sink.isWritable && !isDrained()) {
      const event = replay[replayed];
      if (event) {
        replayed += 1;
        sendLine({ line: lines.event(event, takeFirst()), isEvent: true });
        continue;
      }
      const next = waiting.shift();
      if (!next) break;
      waitingBytes -= next.line.length;
      sendLine(next);
    }
    if (!isDrained()) return;
    if (phase === 'ending') finish();
    else if (phase === 'live' && replay.length > 0) {
      replay = [];
      replayed = 0;
    }
  };
  const enqueue = (next: Waiting): void => {
    if (isDrained() && sink.isWritable) {
      sendLine(next);
      return;
    }
    waiting.push(next);
    waitingBytes += next.line.length;
    if (waitingBytes <= MAX_BUFFERED_BYTES) return;
    stop();
    sink.destroy();
  };
  const onEvent = (event: WatchEvent): void => {
    if (phase === 'over') return;
    if (phase === 'replaying') replay.push(event);
    else enqueue({ line: lines.event(event, takeFirst()), isEvent: true });
  };
  const onTypeGone = (): void => {
    if (phase === 'over') return;
    if (isDrained()) finish();
    else phase = 'ending';
  };

  const ticker = setInterval(() => {
    // Not while changes wait: a bookmark must not be ahead of them.
    if (plan.bookmarks && isDrained()) enqueue(bookmark());
  }, bookmarkIntervalMs);
  const timeout = setTimeout(
    () => {
      if (plan.bookmarks && isDrained()) sendLine(bookmark());
      finish();
    },
    Math.min(plan.timeoutMs, 2 ** 31 - 1),
  );
  sink.onDrain(pump);

  output.start();
  let from = plan.resourceVersion === '' ? '0' : plan.resourceVersion;
  try {
    if (plan.initialEvents !== 'none' || Number(from) === 0) {
      const resourceVersionMatch = Number(from) === 0 ? undefined : 'NotOlderThan';
      const list = store.list(definition, selection, { resourceVersion: from, resourceVersionMatch });
      from = list.resourceVersion;
      if (plan.initialEvents !== 'none') replay = list.items.map((object) => ({ type: 'ADDED', object }));
    }
    unsubscribe = store.watch(definition, selection, from, onEvent, onTypeGone);
    if (plan.initialEvents === 'announced' && plan.bookmarks) {
      // Behind the replay; its first line need not carry columns then.
      const isOnly = replay.length === 0;
      const line = lines.bookmark(from, true, isOnly && takeFirst());
      waiting.push({ line, isEvent: false });
      waitingBytes += line.length;
    }
    phase = 'live';
    pump();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    sink.send(errorLine(statusOf(error)));
    finish();
  }
  return stop;
}
