import { FleetwireError } from '@fleetwire/websocket-core';
import {
  systemScopeKey,
  type ChannelRequest,
  type ChannelSource,
  type FeedSink,
  type Identity,
} from '@fleetwire/websocket-core/server';
import type { PluginChannelItems, PluginOperationView } from '../protocol/wire.ts';
import type { OperationRegistry } from './operation-registry.ts';

/** Generations of the store, as its manager tells of them. */
export interface StoreGenerations {
  current(): Promise<number>;
  /** Returns the undo. */
  subscribe(listener: (generation: number) => void): () => void;
}

type BriefView = PluginChannelItems[`operation/${string}`];

/** Whoever sees the operations too has a feed of its own. */
const operationsScopeKey = `${systemScopeKey}:operations`;

/** Key of the one item of `plugins/ops/{id}`. */
const operationKey = 'operation';

/**
 * The channel `plugins`: the generation of the store, the same for everybody, since plugins are of the server; and for
 * those whom `seesOperations` names, which operations there are. Which plugins somebody tries is nothing for the others.
 * How far an operation is, and why one failed, is told on its own channel alone.
 */
export function createPluginsChannel(
  registry: OperationRegistry,
  generations: StoreGenerations,
  seesOperations: (identity: Identity) => boolean = () => true,
): ChannelSource {
  return {
    pattern: 'plugins',
    class: 'state',
    authorize: (request) =>
      refusalOfParams(request) ?? {
        scopeKey: seesOperations(request.identity) ? operationsScopeKey : systemScopeKey,
      },
    async open({ scopeKey }, sink) {
      const withOperations = scopeKey === operationsScopeKey;
      let isTold = false;
      const tellStore = (generation: number): void => {
        isTold = true;
        sink.change({ set: [{ key: 'store', value: { generation } satisfies PluginChannelItems['store'] }] });
      };
      const undo = [
        generations.subscribe(tellStore),
        registry.subscribe((event) => {
          if (!withOperations) return;
          if (event.type === 'dropped') sink.change({ del: [{ key: keyOf(event.id) }] });
          else if (event.view.state !== event.before?.state || event.view.title !== event.before.title)
            sink.change({ set: [itemOf(event.view)] });
        }),
      ];
      sink.replace(withOperations ? registry.list().map(itemOf) : []);
      // A store that is not in order has no generation yet; its repair gives it one.
      const generation = await generations.current().catch(() => 0);
      // What was told meanwhile is not older.
      if (!isTold) tellStore(generation);
      return {
        dispose() {
          for (const each of undo) each();
        },
      };
    },
  };
}

/** The channel `plugins/ops/{id}`: one operation, in the item `operation`. An id that is not kept any more is not found. */
export function createOperationChannel(registry: OperationRegistry): ChannelSource {
  return {
    pattern: 'plugins/ops/{id}',
    class: 'state',
    authorize(request) {
      const refusal = refusalOfParams(request);
      if (refusal !== undefined) return refusal;
      if (registry.get(idOf(request)) !== undefined) return { scopeKey: systemScopeKey };
      return {
        denied: 'NOT_FOUND',
        reason: 'there is no such operation: it ended more than an hour ago, or before the server was started',
      };
    },
    open(request, sink) {
      const id = idOf(request);
      const view = registry.get(id);
      if (view === undefined) throw gone();
      show(sink, view);
      const undo = registry.subscribe((event) => {
        if (event.type === 'dropped' && event.id === id) sink.end(gone());
        else if (event.type === 'view' && event.view.id === id) show(sink, event.view);
      });
      return {
        dispose() {
          undo();
        },
      };
    },
  };
}

function show(sink: FeedSink, view: PluginOperationView): void {
  sink.change({ set: [{ key: operationKey, value: view }] });
}

function gone(): FleetwireError {
  return new FleetwireError('NOT_FOUND', 'the operation ended more than an hour ago');
}

function idOf({ segments }: Pick<ChannelRequest, 'segments'>): string {
  return segments['id'] ?? '';
}

function refusalOfParams({
  params,
}: ChannelRequest): { readonly denied: 'BAD_REQUEST'; readonly reason: string } | undefined {
  return Object.keys(params).length === 0 ? undefined : { denied: 'BAD_REQUEST', reason: 'params: expected none' };
}

function keyOf(id: string): `operation/${string}` {
  return `operation/${id}`;
}

function itemOf(view: PluginOperationView): { readonly key: string; readonly value: BriefView } {
  const { id, action, pluginId, title, state, startedAt, endedAt } = view;
  const value = { id, action, pluginId, state, startedAt };
  return {
    key: keyOf(id),
    value: { ...value, ...(title === undefined ? {} : { title }), ...(endedAt === undefined ? {} : { endedAt }) },
  };
}
