import { ClusterRuntime, type ClusterRuntimeOptions } from './cluster-runtime.ts';
import { belongsTo } from './tenancy.ts';
import type { ClusterDefinition, ClusterSource } from './types.ts';

/** What happened to a cluster: it went, others may own it, its connection is another, or whom requests run as. */
export type ClusterChange =
  | { readonly name: string; readonly kind: 'removed' | 'changed' }
  | { readonly name: string; readonly kind: 'renewed' | 'other-identity'; readonly runtime: ClusterRuntime };

/** The clusters of a source, each with its runtime, kept equal to the source. */
export class ClusterRegistry {
  readonly #runtimes = new Map<string, ClusterRuntime>();
  readonly #source: ClusterSource;
  readonly #options: Omit<ClusterRuntimeOptions, 'onInfo'>;
  readonly #onChange: (change: ClusterChange) => void;
  readonly #onInfo: () => void;
  readonly #undo: () => void;

  constructor(options: {
    readonly source: ClusterSource;
    readonly runtime: Omit<ClusterRuntimeOptions, 'onInfo'>;
    /** After the registry has changed. */
    readonly onChange: (change: ClusterChange) => void;
    /** Something that users see of the clusters changed. */
    readonly onInfo: () => void;
  }) {
    this.#source = options.source;
    this.#options = options.runtime;
    this.#onChange = options.onChange;
    this.#onInfo = options.onInfo;
    this.#undo = options.source.onChange(() => {
      this.#apply();
    });
    this.#apply();
  }

  /** The cluster, if the organisation has it. */
  find(orgId: string, name: string): ClusterRuntime | undefined {
    const runtime = this.#runtimes.get(name);
    return runtime !== undefined && belongsTo(runtime.definition, orgId) ? runtime : undefined;
  }

  of(orgId: string): ClusterRuntime[] {
    return [...this.#runtimes.values()].filter(({ definition }) => belongsTo(definition, orgId));
  }

  get openBreakers(): number {
    return [...this.#runtimes.values()].filter(({ breaker }) => breaker.isOpen).length;
  }

  dispose(): void {
    this.#undo();
    for (const runtime of this.#runtimes.values()) runtime.dispose();
    this.#runtimes.clear();
  }

  #apply(): void {
    const definitions = new Map(this.#source.clusters.map((definition) => [definition.name, definition]));
    const changes: ClusterChange[] = [];
    for (const [name, runtime] of this.#runtimes) {
      if (definitions.has(name)) continue;
      this.#runtimes.delete(name);
      runtime.dispose();
      changes.push({ name, kind: 'removed' });
    }
    for (const [name, definition] of definitions) {
      const runtime = this.#runtimes.get(name);
      if (runtime === undefined) this.#runtimes.set(name, this.#start(definition));
      else if (runtime.definition !== definition) changes.push(update(runtime, definition));
    }
    for (const change of changes) this.#onChange(change);
    this.#onInfo();
  }

  #start(definition: ClusterDefinition): ClusterRuntime {
    return new ClusterRuntime(definition, { ...this.#options, onInfo: this.#onInfo });
  }
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
