import { ClusterRuntime, type ClusterRuntimeOptions } from './cluster-runtime.ts';
import { belongsTo, ownerKey } from './tenancy.ts';
import type { ClusterDefinition, ClusterOwner, ClusterSource, ClusterViewer } from './types.ts';

/**
 * What happened to a cluster: one of that name came or went or others may have it, so that some may find another one, or
 * none, under the name; or its connection is another, or whom requests run as.
 */
export type ClusterChange =
  | { readonly name: string; readonly kind: 'changed' }
  | { readonly name: string; readonly kind: 'renewed' | 'other-identity'; readonly runtime: ClusterRuntime };

type RuntimeOptions = Omit<ClusterRuntimeOptions, 'onInfo' | 'isSeen'>;

/** What a registry needs of its gateway. */
export interface ClusterRegistryOptions {
  readonly source: ClusterSource;
  readonly runtime: RuntimeOptions;
  /** After the registry has changed. */
  readonly onChange: (change: ClusterChange) => void;
  /** Something that users see of the clusters changed: of one user's, or of others as well. */
  readonly onInfo: (owner?: ClusterOwner) => void;
  /** Whether the user has the clusters on a page. */
  readonly isWatching: (user: ClusterOwner) => boolean;
}

/** Clusters by name, of the organisations (under no owner) and of each user. */
type ByOwner<T> = Map<string | undefined, Map<string, T>>;

/** The clusters of a source, each with its runtime, kept equal to the source. */
export class ClusterRegistry {
  readonly #runtimes: ByOwner<ClusterRuntime> = new Map();
  readonly #options: ClusterRegistryOptions;
  readonly #undo: () => void;

  constructor(options: ClusterRegistryOptions) {
    this.#options = options;
    this.#undo = options.source.onChange(() => {
      this.#apply();
    });
    this.#apply();
  }

  /** The cluster that the viewer has under the name: the organisation's, else the user's own. */
  find({ orgId, userId }: ClusterViewer, name: string): ClusterRuntime | undefined {
    const shared = this.#runtimes.get(undefined)?.get(name);
    if (shared !== undefined && belongsTo(shared.definition, orgId)) return shared;
    return userId === undefined ? undefined : this.#runtimes.get(ownerKey({ orgId, userId }))?.get(name);
  }

  /** All that the viewer has, each under its own name. */
  of({ orgId, userId }: ClusterViewer): ClusterRuntime[] {
    const shared = runtimesOf(this.#runtimes.get(undefined)).filter(({ definition }) => belongsTo(definition, orgId));
    if (userId === undefined) return shared;
    const names = new Set(shared.map(({ definition }) => definition.name));
    const own = runtimesOf(this.#runtimes.get(ownerKey({ orgId, userId })));
    return [...shared, ...own.filter(({ definition }) => !names.has(definition.name))];
  }

  /** Of the organisations' clusters; those of users are their users' to care for. */
  get openBreakers(): number {
    return runtimesOf(this.#runtimes.get(undefined)).filter(({ breaker }) => breaker.isOpen).length;
  }

  dispose(): void {
    this.#undo();
    for (const runtimes of this.#runtimes.values()) for (const runtime of runtimes.values()) runtime.dispose();
    this.#runtimes.clear();
  }

  #apply(): void {
    const definitions = byOwner(this.#options.source.clusters);
    const changes: ClusterChange[] = [];
    for (const [owner, runtimes] of this.#runtimes) {
      for (const [name, runtime] of runtimes) {
        if (definitions.get(owner)?.has(name) === true) continue;
        runtimes.delete(name);
        runtime.dispose();
        changes.push({ name, kind: 'changed' });
      }
      if (runtimes.size === 0) this.#runtimes.delete(owner);
    }
    for (const [owner, named] of definitions) {
      const runtimes = this.#runtimes.get(owner) ?? new Map<string, ClusterRuntime>();
      this.#runtimes.set(owner, runtimes);
      for (const [name, definition] of named) {
        const runtime = runtimes.get(name);
        if (runtime === undefined) {
          runtimes.set(name, this.#start(definition));
          // Users who have one of that name do not find theirs any more.
          changes.push({ name, kind: 'changed' });
        } else if (runtime.definition !== definition) changes.push(update(runtime, definition));
      }
    }
    for (const change of changes) this.#options.onChange(change);
    this.#options.onInfo();
    for (const runtimes of this.#runtimes.values()) for (const runtime of runtimes.values()) runtime.wake();
  }

  #start(definition: ClusterDefinition): ClusterRuntime {
    const { name, owner } = definition;
    const { runtime: options, onInfo, isWatching } = this.#options;
    const runtime: ClusterRuntime = new ClusterRuntime(definition, {
      ...options,
      onInfo: () => {
        onInfo(owner);
      },
      isSeen: () => owner !== undefined && isWatching(owner) && this.find(owner, name) === runtime,
    });
    return runtime;
  }
}

function runtimesOf(runtimes: ReadonlyMap<string, ClusterRuntime> | undefined): ClusterRuntime[] {
  return [...(runtimes?.values() ?? [])];
}

function byOwner(clusters: readonly ClusterDefinition[]): ByOwner<ClusterDefinition> {
  const definitions: ByOwner<ClusterDefinition> = new Map();
  for (const definition of clusters) {
    const key = definition.owner === undefined ? undefined : ownerKey(definition.owner);
    const named = definitions.get(key) ?? new Map<string, ClusterDefinition>();
    definitions.set(key, named.set(definition.name, definition));
  }
  return definitions;
}

function update(runtime: ClusterRuntime, definition: ClusterDefinition): ClusterChange {
  const { name } = definition;
  const former = runtime.definition;
  const isRenewed = runtime.update(definition);
  const isSameIdentity =
    former.identity === definition.identity && former.connection.identityKey === definition.connection.identityKey;
  if (!isSameIdentity) return { name, kind: 'other-identity', runtime };
  return isRenewed ? { name, kind: 'renewed', runtime } : { name, kind: 'changed' };
}
