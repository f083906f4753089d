import { FleetwireError, type TimerHandle } from '@fleetwire/websocket-core';
import type { KubeObject, TableColumnDefinition, WatchEvent } from '../protocol/kube-object.ts';
import type { KubeWatchError, TargetState } from '../protocol/watch-status.ts';
import { createClusterMemory, createKubeBackoff } from './cluster-memory.ts';
import { createKeptEvents } from './kept-events.ts';
import { createKubeWatchError } from './kube-watch-error.ts';
import { createListReader } from './list-reader.ts';
import { ObjectStore } from './object-store.ts';
import { reflectorStart, reflectorTransition } from './reflector-machine.ts';
import { listOf } from './reflector-moves.ts';
import type { Reflector, ReflectorOptions } from './reflector-options.ts';
import type { ReflectorConfig, ReflectorEffect, ReflectorEvent, ReflectorState } from './reflector-state.ts';
import { isRefusedState, isStaleState, targetStateOf } from './target-state.ts';
import { createWatchReader } from './watch-reader.ts';

const DEFAULT_PAGE_SIZE = 500;
const PROBE_INTERVAL_MS = 30_000;
const POLL_INTERVAL_MS = 30_000;
/** Objects whose events wait for a list; beyond it the list is read again. */
const MAX_KEPT_OBJECTS = 50_000;

type Batch = readonly WatchEvent[];

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Makes a reflector; nothing happens before `start`. */
export function createReflector<T extends KubeObject = KubeObject>(options: ReflectorOptions<T>): Reflector<T> {
  const { target, clock, random, onChange, onObjectChange, maxItems = Infinity } = options;
  const { cluster: clusterName, namespace } = target;
  const cluster = options.cluster ?? createClusterMemory(clock, random);
  const ownBackoff = createKubeBackoff(clock, random);
  const kept = createKeptEvents();
  const refusal = cluster.refusals.join(() => {
    dispatch({ type: 'wake' });
  });
  const waiters = new Set<Waiter>();
  const queue: { readonly event: ReflectorEvent; readonly batch: Batch }[] = [];
  const store = new ObjectStore<T>({
    transform: options.transform,
    indexers: options.indexers,
    maxItems: options.maxItems,
    onChange: onObjectChange && ((change) => guard(() => onObjectChange(change))),
  });
  const lists = createListReader({
    target,
    pageSize: options.pageSize ?? DEFAULT_PAGE_SIZE,
    maxItems,
    onEvent: dispatch,
    onMalformed,
  });
  const watches = createWatchReader({
    target,
    random,
    now: () => clock.monotonicNow(),
    onEvent: dispatch,
    onColumns: (latest) => void (columns = latest),
    onMalformed,
  });

  let { transport } = options;
  let state: ReflectorState = reflectorStart;
  let targetState: TargetState | undefined;
  let columns: readonly TableColumnDefinition[] | undefined;
  let timer: TimerHandle;
  let isDraining = false;
  let isDisposed = false;
  /** A 401 stopped it, and it asks again in its turn. */
  let isRefused = false;
  /** Initial events beyond `maxItems` were turned away. */
  let isStreamCut = false;
  let malformedCount = 0;
  let staleSince: number | undefined;
  let lastSyncAt: number | undefined;

  function configOf(): ReflectorConfig {
    return {
      target: { cluster: clusterName, namespace },
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
  function dispatch(event: ReflectorEvent, batch: Batch = []): void {
    queue.push({ event, batch });
    if (isDraining) return;
    isDraining = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) handle(next.event, next.batch);
    } finally {
      isDraining = false;
    }
    if (onChange !== undefined && !isDisposed) guard(onChange);
  }

  function handle(event: ReflectorEvent, batch: Batch): void {
    const moved = reflectorTransition(state, event, configOf());
    state = moved.state;
    for (const effect of moved.effects) run(effect, batch);
    staleSince = isStaleState(state) ? (staleSince ?? clock.now()) : undefined;
    targetState = undefined;
    tellRefusal();
    if (waiters.size > 0) rejectWaiters(moved.effects);
  }

  function tellRefusal(): void {
    const { maxRetries = Infinity } = options;
    const isOne = !isDisposed && isRefusedState(state) && state.failures <= maxRetries;
    if (isOne === isRefused) return;
    isRefused = isOne;
    if (isOne) refusal.refused();
    else refusal.left();
  }

  /** The list that was waited for failed, unless another attempt is under way. */
  function rejectWaiters(effects: readonly ReflectorEffect[]): void {
    if (listOf(state) !== undefined || state.name === 'refreshing' || state.name === 'streaming') return;
    const reported = effects.find((effect) => effect.type === 'report')?.error;
    for (const { reject } of waiters) reject(isDisposed ? disposed() : (reported ?? state.error ?? disposed()));
    waiters.clear();
  }

  function run(effect: ReflectorEffect, batch: Batch): void {
    switch (effect.type) {
      case 'list':
        return lists.begin(transport, effect.list);
      case 'next-page':
        return lists.next(transport, effect.list, effect.continueToken);
      case 'replace':
        return replace(effect.from, effect.position);
      case 'abort-list':
        return lists.abort();
      case 'watch':
        kept.clear();
        isStreamCut = false;
        return watches.begin(transport, effect);
      case 'unwatch':
        kept.clear();
        return watches.end();
      case 'apply':
        return apply(batch);
      case 'keep':
        return keep(batch);
      case 'apply-kept':
        return apply(kept.takeEvents());
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
        ownBackoff.succeeded();
        return refusal.admitted();
      case 'refuse-watch-list':
        cluster.isWatchListRefused = true;
        return kept.clear();
      case 'clear':
        store.replace([]);
    }
  }

  function replace(from: 'pages' | 'initial-events', position: string): void {
    lastSyncAt = clock.now();
    if (from === 'initial-events') store.replace(kept.takeObjects() as T[], position, isStreamCut);
    else {
      const list = lists.take();
      columns = list.columns ?? columns;
      store.replace(list.items as T[], position, list.isCut);
      apply(kept.takeEvents());
    }
    for (const { resolve } of waiters) resolve();
    waiters.clear();
  }

  function apply(batch: Batch): void {
    lastSyncAt = clock.now();
    for (const event of batch) store.apply(event as WatchEvent<T>);
    if (state.position !== undefined) store.advance(state.position);
  }

  function keep(batch: Batch): void {
    lastSyncAt = clock.now();
    const isStreaming = state.name === 'streaming';
    for (const event of batch) {
      if (kept.keep(event, isStreaming ? maxItems : MAX_KEPT_OBJECTS)) continue;
      if (isStreaming) isStreamCut = true;
      else return dispatch({ type: 'overflow', error: overflow() });
    }
  }

  function refreshCredentials(refresh: number): void {
    const { error } = state;
    const ask = async () => (await transport.refreshCredentials?.(error)) ?? false;
    ask().then(
      (changed) => dispatch({ type: 'refreshed', refresh, changed }),
      () => dispatch({ type: 'refresh-failed', refresh }),
    );
  }

  function setTimer(ms: number): void {
    clock.clearTimeout(timer);
    const handle: TimerHandle = clock.setTimeout(() => {
      if (timer === handle) dispatch({ type: 'timer' });
    }, ms);
    timer = handle;
  }

  function overflow(): KubeWatchError {
    const message = `more than ${String(MAX_KEPT_OBJECTS)} objects changed while they were listed`;
    return createKubeWatchError({ code: 'QUEUE_FULL', retryable: true, message, cluster: clusterName, namespace });
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
  function guard(listener: () => void): void {
    try {
      listener();
    } catch (cause) {
      const message = 'a listener of a target has thrown';
      report(
        createKubeWatchError({
          code: 'LISTENER_FAILED',
          retryable: false,
          message,
          cluster: clusterName,
          namespace,
          cause,
        }),
      );
    }
  }

  return {
    store,
    get state() {
      const { isPartial, size: itemCount } = store;
      targetState ??= targetStateOf(state, { target, transport, isPartial, itemCount, staleSince, lastSyncAt });
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

function disposed(): FleetwireError {
  return new FleetwireError('DISPOSED', 'the reflector was disposed');
}
