import type { PluginOperationView } from '@fleetwire/plugin-manager';

/** What the channel `plugins` says of an operation. */
export type ListedOperation = Pick<
  PluginOperationView,
  'id' | 'action' | 'pluginId' | 'title' | 'state' | 'startedAt' | 'endedAt'
>;

/** An operation that the page knows of. `lost`: the server has forgotten it, and nobody knows what came of it. */
export type KnownOperation =
  | { readonly status: 'running'; readonly listed: ListedOperation; readonly view: PluginOperationView | undefined }
  | { readonly status: 'ended'; readonly listed: ListedOperation; readonly view: PluginOperationView }
  | { readonly status: 'lost'; readonly listed: ListedOperation };

/** By their ids, in the order in which the page came to know them. */
export type OperationsState = ReadonlyMap<string, KnownOperation>;

/** What happens to operations. */
export type OperationsEvent =
  /** The page began one; the channels may have told of it already. */
  | { readonly type: 'begun'; readonly operation: ListedOperation }
  /** The channel `plugins` has these. */
  | { readonly type: 'listed'; readonly operations: readonly ListedOperation[] }
  /** Its own channel, or its address, has this. */
  | { readonly type: 'seen'; readonly view: PluginOperationView }
  /** Its own channel says that there is none. */
  | { readonly type: 'lost'; readonly id: string };

/**
 * What is to be told: each end once, and only of those that were seen running. Whoever has something verified gets the
 * answer itself.
 */
export type OperationsEffect = { readonly type: 'announce'; readonly operation: KnownOperation };

/** Outcome of {@link operationsTransition}. */
export interface OperationsTransition {
  readonly state: OperationsState;
  readonly effects: readonly OperationsEffect[];
}

/** Before anything is known. */
export const noOperations: OperationsState = new Map();

/** Ended ones that are remembered, so that each is announced once; older ones are forgotten first. */
const maxEnded = 100;

/** Takes an event in; gives the very same state where it says nothing new. */
export function operationsTransition(state: OperationsState, event: OperationsEvent): OperationsTransition {
  switch (event.type) {
    case 'begun':
      return { state: withRunning(state, [event.operation]), effects: [] };
    case 'listed':
      return { state: withRunning(state, event.operations.filter(isRunning)), effects: [] };
    case 'seen': {
      const { view } = event;
      const known = state.get(view.id);
      // The end stands: what comes after it is old.
      if (known !== undefined && known.status !== 'running') return { state, effects: [] };
      if (isRunning(view)) return { state: withEntry(state, { status: 'running', listed: view, view }), effects: [] };
      const ended: KnownOperation = { status: 'ended', listed: view, view };
      const isNews = known !== undefined && view.action !== 'verify';
      return { state: withEntry(state, ended), effects: isNews ? [{ type: 'announce', operation: ended }] : [] };
    }
    case 'lost': {
      const known = state.get(event.id);
      if (known?.status !== 'running') return { state, effects: [] };
      const lost: KnownOperation = { status: 'lost', listed: known.listed };
      return { state: withEntry(state, lost), effects: [{ type: 'announce', operation: lost }] };
    }
  }
}

/** Those that run, oldest first. */
export function runningOf(state: OperationsState): readonly (KnownOperation & { readonly status: 'running' })[] {
  return [...state.values()].filter((operation) => operation.status === 'running');
}

/** Whether it waits or runs. */
export function isRunning({ state }: Pick<ListedOperation, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

function withRunning(state: OperationsState, listed: readonly ListedOperation[]): OperationsState {
  const news = listed.filter(({ id }) => !state.has(id));
  if (news.length === 0) return state;
  const added = news.map((each) => [each.id, { status: 'running', listed: each, view: undefined }] as const);
  return new Map([...state, ...added]);
}

function withEntry(state: OperationsState, entry: KnownOperation): OperationsState {
  const next = new Map(state).set(entry.listed.id, entry);
  const ended = [...next].filter(([, { status }]) => status !== 'running').map(([id]) => id);
  for (const id of ended.slice(0, Math.max(0, ended.length - maxEnded))) next.delete(id);
  return next;
}
