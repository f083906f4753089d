import type { WatchTarget } from '../protocol/resource.ts';
import type { TargetState, WatchStatus } from '../protocol/watch-status.ts';
import type { ReflectorState } from './reflector-state.ts';
import type { WatchTransport } from './watch-transport.ts';

/** What a view shows of a state. */
export function watchStatusOf(state: ReflectorState): WatchStatus {
  switch (state.name) {
    case 'idle':
      return 'connecting';
    case 'listing':
      return state.list.pages === 0 ? 'connecting' : 'syncing';
    case 'streaming':
      if (state.watch.openedAt !== undefined) return 'syncing';
      return state.isSynced ? 'reconnecting' : 'connecting';
    case 'relisting':
      if (state.list.reason === 'poll') return 'polling';
      return state.list.reason === 'refetch' && state.watch?.openedAt !== undefined ? 'live' : 'syncing';
    case 'rewatching':
      return { list: 'syncing', poll: 'polling', end: 'live', failure: 'reconnecting' }[state.after] as WatchStatus;
    case 'backoff':
    case 'refreshing':
      return state.isSynced ? 'reconnecting' : 'connecting';
    case 'live':
    case 'polling':
      return state.name;
    case 'probing':
    case 'stopped':
      return 'stopped';
  }
}

/** Whether what is shown may be behind, and nothing runs that would tell. */
export function isStaleState(state: ReflectorState): boolean {
  if (!state.isSynced) return false;
  switch (state.name) {
    case 'relisting':
      return state.list.reason === 'missed' || (state.failures > 0 && state.watch?.openedAt === undefined);
    case 'streaming':
      return true;
    case 'stopped':
      return state.error !== undefined;
    default:
      return ['reconnecting', 'stopped'].includes(watchStatusOf(state));
  }
}

/** Whether it stopped because its credentials are not taken. */
export function isRefusedState({ name, error }: ReflectorState): boolean {
  return name === 'stopped' && error?.status === 401;
}

/** What the shell adds to the machine's state. */
export interface TargetFacts {
  readonly target: WatchTarget;
  readonly transport: WatchTransport;
  readonly isPartial: boolean;
  readonly itemCount: number;
  readonly staleSince: number | undefined;
  readonly lastSyncAt: number | undefined;
}

export function targetStateOf(state: ReflectorState, facts: TargetFacts): TargetState {
  const { target, transport, isPartial, itemCount, staleSince, lastSyncAt } = facts;
  const status = watchStatusOf(state);
  const isForbidden = status === 'polling' && transport.kind !== 'polling';
  return {
    cluster: target.cluster,
    namespace: target.namespace,
    status,
    transport: state.name === 'idle' ? undefined : status === 'polling' ? 'polling' : transport.kind,
    degradedReason: isForbidden ? 'this list may be read and not watched' : transport.degradedReason,
    isSynced: state.isSynced,
    isPartial,
    isStale: staleSince !== undefined,
    staleSince,
    lastSyncAt,
    error: state.error,
    itemCount,
  };
}
