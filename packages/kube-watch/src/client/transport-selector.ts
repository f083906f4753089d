import type { Clock, TimerHandle } from '@fleetwire/websocket-core';
import { isListPage } from '../core/list-items.ts';
import type { WatchListener, WatchRequest, WatchTransport } from '../core/watch-transport.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { WEBSOCKET_REFUSED } from './direct-websocket.ts';

/** A way to reach the clusters, and what the selector has to know of it. */
export interface TransportCandidate {
  readonly transport: WatchTransport;
  /**
   * Why it cannot carry anything now, in a sentence; undefined while it can. Of a socket that all clusters share; the
   * other ways are known by trying.
   */
  readonly outage?: (() => string | undefined) | undefined;
  /** Calls `listener` when `outage` may have changed; returns its undo. */
  readonly onOutage?: ((listener: () => void) => () => void) | undefined;
}

/** How one target is reached, as long as it is wanted. */
export interface Carrier {
  transport(): WatchTransport;
  release(): void;
}

/** Chooses a transport for each cluster; see {@link createTransportSelector}. */
export interface TransportSelector {
  /** `onChange` is called with each other transport. */
  attach(target: WatchTarget, onChange: (transport: WatchTransport) => void): Carrier;
  dispose(): void;
}

export interface TransportSelectorOptions {
  /** The best first; at least one. */
  readonly candidates: readonly TransportCandidate[];
  /** Carries Tables in place of WebSockets, over which a browser has no way to ask for them. */
  readonly tables: WatchTransport;
  readonly clock: Clock;
  /** Whether the cluster answers over HTTP at all. */
  readonly canReach: (cluster: string) => Promise<boolean>;
  /** Failures that made another transport take over; all others are the reflector's to tell. */
  readonly onError: (error: KubeWatchError) => void;
}

const nothing = (): void => {};
/** Of a transport that has watches. */
function watch(transport: WatchTransport, request: WatchRequest, listener: WatchListener): () => void {
  return transport.watch?.(request, listener) ?? nothing;
}

/** How long a socket may be away before something worse carries on. */
const outageMs = 5_000;
/** How often something better is tried. */
const retryBetterMs = 60_000;
/** A trial ends as soon as it is known whether it opens. */
const trialSeconds = 60;
/** One watch that does not open may be the cluster's fault; two in a row while it answers otherwise are not. */
const silentOpensBeforeBlame = 2;

interface Attached {
  readonly target: WatchTarget;
  readonly onChange: (transport: WatchTransport) => void;
  given: WatchTransport | undefined;
}

interface ClusterState {
  readonly cluster: string;
  readonly attached: Set<Attached>;
  /** Index of the candidate that is in use. */
  level: number;
  reason: string | undefined;
  /** The transports of this level as they are given out: the same objects until the level changes. */
  wrapped: Map<WatchTransport, WatchTransport>;
  /** A watch from where the last list or watch was; a better transport is tried with it. */
  lastRequest: WatchRequest | undefined;
  silentOpens: number;
  outageTimer: TimerHandle;
  betterTimer: TimerHandle;
  /** Ends a trial of something better. */
  endTrial: (() => void) | undefined;
}

/**
 * For each cluster the best transport that works. The next one takes over when a shared socket is away for 5 s though the
 * cluster answers over HTTP, when a WebSocket is refused though HTTP is not, and when a streamed watch does not open
 * though lists are answered. Every 60 s the better ones are tried again, beside what carries on meanwhile.
 */
export function createTransportSelector(options: TransportSelectorOptions): TransportSelector {
  const { candidates, clock, canReach } = options;
  const clusters = new Map<string, ClusterState>();
  const last = candidates.length - 1;

  const stateOf = (cluster: string): ClusterState => {
    let state = clusters.get(cluster);
    if (state === undefined) {
      state = {
        cluster,
        attached: new Set(),
        level: 0,
        reason: undefined,
        wrapped: new Map(),
        lastRequest: undefined,
        silentOpens: 0,
        outageTimer: undefined,
        betterTimer: undefined,
        endTrial: undefined,
      };
      clusters.set(cluster, state);
    }
    return state;
  };

  const transportFor = (state: ClusterState, target: WatchTarget): WatchTransport => {
    const chosen = (candidates[state.level] as TransportCandidate).transport;
    const isOther = target.projection === 'table' && chosen.kind === 'websocket';
    const transport = isOther ? options.tables : chosen;
    let wrapped = state.wrapped.get(transport);
    if (wrapped === undefined) {
      const reason = isOther ? 'a WebSocket of a Kubernetes API carries no Tables' : state.reason;
      wrapped = wrap(state, transport, reason);
      state.wrapped.set(transport, wrapped);
    }
    return wrapped;
  };

  const setLevel = (state: ClusterState, level: number, reason: string | undefined): void => {
    state.level = level;
    state.reason = reason;
    state.wrapped = new Map();
    state.silentOpens = 0;
    state.endTrial?.();
    disarmOutage(state);
    clock.clearTimeout(state.betterTimer);
    if (level > 0) armBetter(state);
    for (const one of [...state.attached]) {
      const next = transportFor(state, one.target);
      if (next === one.given) continue;
      one.given = next;
      one.onChange(next);
    }
    watchOutage(state);
  };

  const degrade = (state: ClusterState, from: WatchTransport, reason: string): boolean => {
    const isCurrent = candidates[state.level]?.transport === from;
    if (!isCurrent || state.level === last) return false;
    setLevel(state, state.level + 1, reason);
    return true;
  };

  /** Whether the next transport has taken over, because the failure is the way's and not the cluster's. */
  const blame = (state: ClusterState, transport: WatchTransport, { code, status }: KubeWatchError): boolean => {
    if (code === WEBSOCKET_REFUSED) return degrade(state, transport, 'WebSockets do not get through');
    if (code !== 'KUBE_TIMEOUT' || status !== undefined) return false;
    state.silentOpens += 1;
    if (state.silentOpens < silentOpensBeforeBlame) return false;
    const what = transport.kind === 'websocket' ? 'WebSockets' : 'streamed answers';
    void canReach(state.cluster).then((isReached) => {
      if (isReached && state.attached.size > 0) degrade(state, transport, `${what} do not get through`);
    });
    return false;
  };

  /** Of the target that was watched last, as long as it is there: not all that can be listed can be watched. */
  const noteList = (state: ClusterState, target: WatchTarget, resourceVersion: string): void => {
    const watched = state.lastRequest?.target;
    if (watched !== target && [...state.attached].some((one) => one.target === watched)) return;
    state.lastRequest = { target, resourceVersion, timeoutSeconds: trialSeconds };
  };

  /** The transport, watched for the failures that are the way's and not the cluster's. */
  const wrap = (state: ClusterState, transport: WatchTransport, reason: string | undefined): WatchTransport => {
    const isCurrent = (wrapped: WatchTransport): boolean => [...state.wrapped.values()].includes(wrapped);
    const wrapped: WatchTransport = {
      ...transport,
      degradedReason: reason ?? transport.degradedReason,
      list: async (request, signal) => {
        const page = await transport.list(request, signal);
        if (isListPage(page)) noteList(state, request.target, page.metadata.resourceVersion);
        return page;
      },
      ...(transport.watch && {
        watch: (request: WatchRequest, listener: WatchListener) => {
          state.lastRequest = request;
          return watch(transport, request, {
            ...listener,
            onOpen: () => {
              state.silentOpens = 0;
              listener.onOpen();
            },
            onEnd: (end) => {
              const isTakenOver = end.kind === 'error' && isCurrent(wrapped) && blame(state, transport, end.error);
              // This watch is nobody's any more then.
              if (isTakenOver) options.onError(end.error);
              else listener.onEnd(end);
            },
          });
        },
      }),
    };
    return wrapped;
  };

  const disarmOutage = (state: ClusterState): void => {
    clock.clearTimeout(state.outageTimer);
    state.outageTimer = undefined;
  };

  /** A change within the outage, such as another attempt to connect, does not put the end of the wait off. */
  const watchOutage = (state: ClusterState): void => {
    const candidate = candidates[state.level];
    if (state.attached.size === 0 || state.level === last || candidate?.outage?.() === undefined) {
      disarmOutage(state);
      return;
    }
    state.outageTimer ??= clock.setTimeout(() => {
      disarmOutage(state);
      void canReach(state.cluster).then((isReached) => {
        const why = state.attached.size === 0 ? undefined : candidate.outage?.();
        if (why === undefined || candidates[state.level] !== candidate) return;
        if (!isReached || !degrade(state, candidate.transport, why)) watchOutage(state);
      });
    }, outageMs);
  };

  const armBetter = (state: ClusterState): void => {
    clock.clearTimeout(state.betterTimer);
    state.betterTimer = clock.setTimeout(() => {
      tryBetter(state, 0);
    }, retryBetterMs);
  };

  const tryBetter = (state: ClusterState, index: number): void => {
    const candidate = candidates[index];
    if (candidate === undefined || index >= state.level || state.attached.size === 0) {
      if (state.level > 0 && state.attached.size > 0) armBetter(state);
      return;
    }
    const next = (): void => {
      tryBetter(state, index + 1);
    };
    if (candidate.outage !== undefined) {
      if (candidate.outage() === undefined) setLevel(state, index, undefined);
      else next();
      return;
    }
    const { lastRequest } = state;
    if (lastRequest === undefined || candidate.transport.watch === undefined) {
      next();
      return;
    }
    let isOver = false;
    let undo: (() => void) | undefined = undefined;
    const end = (isOpen: boolean): void => {
      if (isOver) return;
      isOver = true;
      state.endTrial = undefined;
      undo?.();
      if (isOpen) setLevel(state, index, undefined);
      else next();
    };
    state.endTrial = () => {
      isOver = true;
      state.endTrial = undefined;
      undo?.();
    };
    undo = candidate.transport.watch(lastRequest, {
      onOpen: () => {
        end(true);
      },
      onEvents: () => {},
      onMalformed: () => {},
      onEnd: () => {
        end(false);
      },
    });
    // It was over before there was anything to undo.
    if (isOver) undo();
  };

  const undos = candidates.flatMap(
    ({ onOutage }) =>
      onOutage?.(() => {
        for (const state of clusters.values()) watchOutage(state);
      }) ?? [],
  );

  const rest = (state: ClusterState): void => {
    disarmOutage(state);
    clock.clearTimeout(state.betterTimer);
    state.endTrial?.();
  };

  return {
    attach(target, onChange) {
      const state = stateOf(target.cluster);
      const one: Attached = { target, onChange, given: undefined };
      state.attached.add(one);
      if (state.attached.size === 1) {
        watchOutage(state);
        if (state.level > 0) armBetter(state);
      }
      return {
        transport() {
          one.given = transportFor(state, target);
          return one.given;
        },
        release() {
          if (state.attached.delete(one) && state.attached.size === 0) rest(state);
        },
      };
    },
    dispose() {
      for (const undo of undos) undo();
      for (const state of clusters.values()) {
        state.attached.clear();
        rest(state);
      }
      clusters.clear();
    },
  };
}
