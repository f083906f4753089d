import { FleetwireError, type Clock, type TimerHandle } from '@fleetwire/websocket-core';
import type { KubeObject, TableColumnDefinition, WatchEvent } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError, TargetState } from '../protocol/watch-status.ts';
import { createAbort, type Abort } from './abort-signal.ts';
import { createClusterMemory, createKubeBackoff, type ClusterMemory } from './cluster-memory.ts';
import { createKeptEvents } from './kept-events.ts';
import { createKubeWatchError, errorOfStatus, toKubeWatchError } from './kube-watch-error.ts';
import { isListPage, listItems } from './list-items.ts';
import { ObjectStore, type StoreChange } from './object-store.ts';
import { reflectorStart, reflectorTransition } from './reflector-machine.ts';
import { listOf, watchOf } from './reflector-moves.ts';
import type {
  ReflectorConfig,
  ReflectorEffect,
  ReflectorEvent,
  ReflectorState,
  RunningList,
} from './reflector-state.ts';
import type { ObjectIndexer } from './store-index.ts';
import { isStaleState, targetStateOf } from './target-state.ts';
import type { ListPage, WatchTransport } from './watch-transport.ts';

const DEFAULT_PAGE_SIZE = 500;
const PROBE_INTERVAL_MS = 30_000;
const POLL_INTERVAL_MS = 30_000;
/** Names whose events wait for a list; beyond it the list is read again. */
const MAX_KEPT_NAMES = 50_000;
/** The servers' own choice lies between five and ten minutes, so that their ends are spread. */
const WATCH_TIMEOUT_SECONDS = { least: 300, most: 600 };
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** What a reflector reads, and how. */
export interface ReflectorOptions<T extends KubeObject = KubeObject> {
  readonly target: WatchTarget;
  readonly transport: WatchTransport;
  readonly clock: Clock;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
  /** Objects of a page. Default 500. */
  readonly pageSize?: number | undefined;
  /** Stops paging at so many; the target is partial then. */
  readonly maxItems?: number | undefined;
  /** False lists once and does not watch. Default true. */
  readonly watch?: boolean | undefined;
  /** Failures in a row after which it stops. Default: without end. */
  readonly maxRetries?: number | undefined;
  /** What the reflectors of this cluster share. Default: its own. */
  readonly cluster?: ClusterMemory | undefined;
  /** Makes of each object what is kept. Default: without `metadata.managedFields`. */
  readonly transform?: ((object: T) => T) | undefined;
  /** Indexes of the store. */
  readonly indexers?: Readonly<Record<string, ObjectIndexer<T>>> | undefined;
  /** Called after `state`, the columns or the items changed; once for each batch of events. */
  readonly onChange?: (() => void) | undefined;
  /** Called with each change of one object, before `onChange`. */
  readonly onObjectChange?: ((change: StoreChange<T>) => void) | undefined;
  /** Each failed attempt and each malformed message, once. */
  readonly onError?: ((error: KubeWatchError) => void) | undefined;
}

/** Keeps the objects of one target current: lists, watches, and recovers by itself. */
export interface Reflector<T extends KubeObject = KubeObject> {
  /** The same reference until it changes. */
  readonly state: TargetState;
  readonly store: ObjectStore<T>;
  /** Of a `table` projection, once they came. */
  readonly columns: readonly TableColumnDefinition[] | undefined;
  /** Messages and list items that were none. */
  readonly malformedCount: number;
  start(): void;
  /** Lists again now. Resolves when the new list is in, rejects with a KubeWatchError or with DISPOSED. */
  refetch(): Promise<void>;
  /** Goes on over another transport; the items stay. */
  setTransport(transport: WatchTransport): void;
  /** The network came back or the page became visible: a wait ends now. */
  wake(): void;
  dispose(): void;
}

/** What an event brought along for its effects. */
interface Payload {
  readonly page?: ListPage;
  readonly events?: readonly WatchEvent[];
}

/** Makes a reflector; nothing happens before `start`. */
export function createReflector<T extends KubeObject = KubeObject>(options: ReflectorOptions<T>): Reflector<T> {
  const { target, clock, random, maxItems = Infinity } = options;
  const cluster = options.cluster ?? createClusterMemory(clock, random);
  const ownBackoff = createKubeBackoff(clock, random);
  const kept = createKeptEvents();
  const waiters = new Set<PromiseWithResolversLike>();
  const queue: [ReflectorEvent, Payload][] = [];
  const store = new ObjectStore<T>({
    transform: options.transform,
    indexers: options.indexers,
    maxItems: options.maxItems,
    onChange: options.onObjectChange && guarded(options.onObjectChange),
  });

  let { transport } = options;
  let state: ReflectorState = reflectorStart;
  let pages: KubeObject[] = [];
  let isCut = false;
  let columns: readonly TableColumnDefinition[] | undefined;
  let listing: Abort | undefined;
  let unwatch: (() => void) | undefined;
  let timer: TimerHandle;
  let isDraining = false;
  let isDisposed = false;
  let malformedCount = 0;
  let staleSince: number | undefined;
  let lastSyncAt: number | undefined;
  let targetState: TargetState | undefined;

  function configOf(): ReflectorConfig {
    return {
      target: { cluster: target.cluster, namespace: target.namespace },
      watch: options.watch ?? true,
      canWatch: transport.watch !== undefined,
      hasWatchList: transport.supportsWatchList === true && !cluster.isWatchListRefused,
      canRefresh: transport.refreshCredentials !== undefined,
      pollIntervalMs: transport.pollIntervalMs ?? POLL_INTERVAL_MS,
      probeIntervalMs: PROBE_INTERVAL_MS,
      maxRetries: options.maxRetries ?? Infinity,
    };
  }

  /** A transport may answer while it is called; one event is done before the next begins. */
  function dispatch(event: ReflectorEvent, payload: Payload = {}): void {
    queue.push([event, payload]);
    if (isDraining) return;
    isDraining = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) handle(...next);
    } finally {
      isDraining = false;
    }
    if (options.onChange !== undefined && !isDisposed) guarded(options.onChange)(undefined);
  }

  function handle(event: ReflectorEvent, payload: Payload): void {
    const moved = reflectorTransition(state, event, configOf());
    state = moved.state;
    for (const effect of moved.effects) run(effect, payload);
    staleSince = isStaleState(state) ? (staleSince ?? clock.now()) : undefined;
    targetState = undefined;
    if (waiters.size > 0 && listOf(state) === undefined && state.name !== 'refreshing' && state.name !== 'streaming') {
      const failure = moved.effects.find((effect) => effect.type === 'report')?.error ?? state.error ?? disposed();
      for (const { reject } of waiters) reject(failure);
      waiters.clear();
    }
  }

  function run(effect: ReflectorEffect, { page, events = [] }: Payload): void {
    switch (effect.type) {
      case 'list':
        pages = [];
        isCut = false;
        return requestPage(effect.list, undefined);
      case 'next-page':
        if (page !== undefined) collect(page);
        return requestPage(effect.list, effect.continueToken);
      case 'replace':
        if (page !== undefined) collect(page);
        return replace(effect.from === 'pages' ? pages : kept.takeObjects(), effect.position);
      case 'abort-list':
        listing?.abort();
        listing = undefined;
        pages = [];
        return;
      case 'watch':
        return startWatch(effect.serial, effect.resourceVersion, effect.sendInitialEvents);
      case 'unwatch':
        unwatch?.();
        unwatch = undefined;
        return;
      case 'apply':
        lastSyncAt = clock.now();
        for (const event of events) store.apply(event as WatchEvent<T>);
        return;
      case 'keep':
        lastSyncAt = clock.now();
        return keep(events);
      case 'apply-kept':
        for (const event of kept.takeEvents()) store.apply(event as WatchEvent<T>);
        return;
      case 'discard-kept':
        return kept.clear();
      case 'timer':
        return setTimer(effect.ms);
      case 'backoff':
        return setTimer((effect.scope === 'cluster' ? cluster.backoff : ownBackoff).failed());
      case 'clear-timer':
        return clock.clearTimeout(timer);
      case 'refresh-credentials':
        return refreshCredentials(effect.refresh);
      case 'report':
        return report(effect.error);
      case 'succeeded':
        cluster.backoff.succeeded();
        return ownBackoff.succeeded();
      case 'refuse-watch-list':
        cluster.isWatchListRefused = true;
        return kept.clear();
      case 'clear':
        store.replace([]);
    }
  }

  function requestPage(list: RunningList, continueToken: string | undefined): void {
    listing?.abort();
    const abort = createAbort();
    listing = abort;
    const isNotOlder = continueToken === undefined && list.at !== '' && list.at !== '0';
    const request = {
      target,
      limit: list.whole ? undefined : (options.pageSize ?? DEFAULT_PAGE_SIZE),
      continueToken,
      // A `continue` token says of which resourceVersion it is; the API refuses both.
      resourceVersion: continueToken === undefined ? list.at : undefined,
      resourceVersionMatch: isNotOlder ? ('NotOlderThan' as const) : undefined,
    };
    const serial = list.serial;
    const failed = (error: unknown) => {
      if (listing === abort) dispatch({ type: 'list-failed', list: serial, error: toKubeWatchError(error, target) });
    };
    attemptTo(() => transport.list(request, abort.signal)).then((page) => {
      if (listing !== abort) return;
      if (!isListPage(page)) return failed(malformed('expected a list with metadata.resourceVersion and items'));
      const isFull = pages.length + page.items.length >= maxItems;
      const continues = page.metadata.continue || undefined;
      isCut = isFull && (continues !== undefined || pages.length + page.items.length > maxItems);
      const { resourceVersion } = page.metadata;
      dispatch({ type: 'page', list: serial, resourceVersion, continueToken: continues, isCut: isFull }, { page });
    }, failed);
  }

  function collect(page: ListPage): void {
    const items = listItems(page);
    const missing = page.items.length - items.length;
    if (missing > 0) onMalformed(malformed(`expected items with metadata.name, got ${missing} without`));
    for (const item of items) pages.push(item);
    columns = page.columns ?? columns;
  }

  function replace(items: readonly KubeObject[], position: string): void {
    listing = undefined;
    lastSyncAt = clock.now();
    store.replace(items as readonly T[], position, isCut);
    pages = [];
    for (const event of kept.takeEvents()) store.apply(event as WatchEvent<T>);
    for (const { resolve } of waiters) resolve();
    waiters.clear();
  }

  function keep(events: readonly WatchEvent[]): void {
    const maxNames = state.name === 'streaming' ? maxItems : MAX_KEPT_NAMES;
    for (const event of events) {
      if (kept.keep(event, maxNames)) continue;
      isCut = true;
      if (state.name === 'streaming') continue;
      const message = `more than ${MAX_KEPT_NAMES} objects changed while they were listed`;
      return dispatch({ type: 'overflow', error: createKubeWatchError({ code: 'KUBE_TIMEOUT', message, ...target }) });
    }
  }

  function startWatch(serial: number, resourceVersion: string | undefined, sendInitialEvents: boolean): void {
    kept.clear();
    isCut = sendInitialEvents ? false : isCut;
    const { least, most } = WATCH_TIMEOUT_SECONDS;
    const request = {
      target,
      resourceVersion,
      sendInitialEvents: sendInitialEvents ? true : undefined,
      timeoutSeconds: least + Math.floor(random() * (most - least + 1)),
    };
    const isCurrent = () => watchOf(state)?.serial === serial;
    const listener = {
      onOpen: () => dispatch({ type: 'opened', watch: serial, at: clock.monotonicNow() }),
      onEvents: (events: readonly WatchEvent[], newColumns?: readonly TableColumnDefinition[]) => {
        if (!isCurrent()) return;
        columns = newColumns ?? columns;
        deliver(serial, events);
      },
      onMalformed: (error: KubeWatchError) => {
        if (isCurrent()) onMalformed(error);
      },
      onInterrupted: () => dispatch({ type: 'interrupted', watch: serial }),
      onGone: () => dispatch({ type: 'missed', watch: serial }),
      onEnd: (end: Extract<ReflectorEvent, { type: 'ended' }>['end']) => {
        if (isCurrent()) unwatch = undefined;
        dispatch({ type: 'ended', watch: serial, end, at: clock.monotonicNow() });
      },
    };
    try {
      unwatch = transport.watch?.(request, listener);
    } catch (cause) {
      listener.onEnd({ kind: 'error', error: toKubeWatchError(cause, target) });
    }
  }

  /** Takes a batch apart where an event is more than a change: an error, or the end of the initial events. */
  function deliver(watch: number, events: readonly WatchEvent[]): void {
    const at = clock.monotonicNow();
    let start = 0;
    const flush = (end: number) => {
      const batch = start === 0 && end === events.length ? events : events.slice(start, end);
      if (batch.length > 0) dispatch({ type: 'events', watch, position: positionOf(batch), at }, { events: batch });
      start = end + 1;
    };
    for (const [index, event] of events.entries()) {
      if (event.type === 'ERROR') {
        flush(index);
        const error = errorOfStatus(event.object, target);
        unwatch?.();
        unwatch = undefined;
        return dispatch({ type: 'ended', watch, end: { kind: 'error', error }, at });
      }
      if (event.type !== 'BOOKMARK' || event.object.metadata.annotations?.[INITIAL_EVENTS_END] !== 'true') continue;
      flush(index);
      dispatch({ type: 'initial-events-end', watch, position: event.object.metadata.resourceVersion, at });
    }
    flush(events.length);
  }

  function refreshCredentials(refresh: number): void {
    const done = (changed: boolean) => dispatch({ type: 'refreshed', refresh, changed });
    attemptTo(async () => transport.refreshCredentials?.() ?? false).then(done, () => done(false));
  }

  function setTimer(ms: number): void {
    clock.clearTimeout(timer);
    const handle = clock.setTimeout(() => {
      if (timer === handle) dispatch({ type: 'timer' });
    }, ms);
    timer = handle;
  }

  function malformed(message: string): KubeWatchError {
    const { cluster: name, namespace } = target;
    return createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster: name, namespace });
  }

  function onMalformed(error: KubeWatchError): void {
    malformedCount += 1;
    report(error);
  }

  function report(error: KubeWatchError): void {
    try {
      options.onError?.(error);
    } catch {
      // Nobody is left to tell.
    }
  }

  /** A listener that throws is reported and stops nothing. */
  function guarded<A>(listener: (argument: A) => void): (argument: A) => void {
    return (argument) => {
      try {
        listener(argument);
      } catch (cause) {
        const { cluster: name, namespace } = target;
        const message = 'a listener of a target has thrown';
        report(createKubeWatchError({ code: 'LISTENER_FAILED', message, cluster: name, namespace, cause }));
      }
    };
  }

  return {
    store,
    get state() {
      targetState ??= targetStateOf(state, {
        target,
        transport,
        isPartial: store.isPartial,
        itemCount: store.size,
        staleSince,
        lastSyncAt,
      });
      return targetState;
    },
    get columns() {
      return columns;
    },
    get malformedCount() {
      return malformedCount;
    },
    start() {
      if (!isDisposed) dispatch({ type: 'start' });
    },
    refetch() {
      if (isDisposed) return Promise.reject(disposed());
      return new Promise((resolve, reject) => {
        waiters.add({ resolve, reject });
        dispatch({ type: 'refetch' });
      });
    },
    setTransport(next) {
      if (isDisposed || next === transport) return;
      transport = next;
      dispatch({ type: 'transport' });
    },
    wake() {
      if (!isDisposed) dispatch({ type: 'wake' });
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      dispatch({ type: 'stop' });
    },
  };
}

interface PromiseWithResolversLike {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function disposed(): FleetwireError {
  return new FleetwireError('DISPOSED', 'the reflector was disposed');
}

/** What a transport throws is a rejection like any other. */
async function attemptTo<R>(call: () => Promise<R>): Promise<R> {
  return call();
}

function positionOf(events: readonly WatchEvent[]): string | undefined {
  const last = events.at(-1);
  return last === undefined || last.type === 'ERROR' ? undefined : last.object.metadata.resourceVersion;
}
