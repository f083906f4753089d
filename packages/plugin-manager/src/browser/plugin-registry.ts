import {
  declaredSchemas,
  contributionKinds,
  type Contributes,
  type ContributionKind,
} from '../protocol/contributions.ts';
import type { Contribution } from '../sdk/contributions.ts';
import type { Disposable } from '../sdk/define-plugin.ts';
import { PluginLoadError } from './plugin-load-error.ts';

/** A contribution as the dashboard sees it. */
export interface Registered<K extends ContributionKind = ContributionKind> {
  /** Unique among all contributions, and the same after an update: good as a key of React. */
  readonly key: string;
  readonly pluginId: string;
  readonly kind: K;
  /** What the plugin gave; the declared part alone while `isDeclared`. */
  readonly value: Contribution<K>;
  /** It comes from `contributes`: the plugin's code has not run yet. */
  readonly isDeclared: boolean;
}

/** What one run of a plugin registers with. */
export interface ContributionScope extends Disposable {
  register<K extends ContributionKind>(kind: K, contribution: Contribution<K>): Disposable;
}

const functionsOf: Readonly<Record<ContributionKind, 'component' | 'run' | undefined>> = {
  navigation: undefined,
  theme: undefined,
  route: 'component',
  listColumn: 'component',
  detailSection: 'component',
  overviewWidget: 'component',
  rowAction: 'run',
  command: 'run',
};

const optionalFunctionsOf: Readonly<Partial<Record<ContributionKind, string>>> = {
  listColumn: 'text',
  rowAction: 'isEnabled',
};

function isKind(kind: string): kind is ContributionKind {
  return (contributionKinds as readonly string[]).includes(kind);
}

/** Components are functions, or the objects that `memo`, `forwardRef` and `lazy` make. */
function isComponent(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && '$$typeof' in value);
}

function problemOf(kind: ContributionKind, value: object, isDeclared: boolean): string | undefined {
  const parsed = declaredSchemas[kind].safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.map(String).join('.') || 'the contribution'}: ${issue?.message ?? 'not valid'}`;
  }
  if (isDeclared) return undefined;
  const name = functionsOf[kind];
  const given = value as Readonly<Record<string, unknown>>;
  if (name === 'component' && !isComponent(given['component'])) return 'component: expected a component of React';
  if (name === 'run' && typeof given['run'] !== 'function') return 'run: expected a function';
  const optional = optionalFunctionsOf[kind];
  if (optional !== undefined && given[optional] !== undefined && typeof given[optional] !== 'function') {
    return `${optional}: expected a function`;
  }
  return undefined;
}

function byOrder(a: Registered, b: Registered): number {
  const difference = (a.value.order ?? 0) - (b.value.order ?? 0);
  if (difference !== 0) return difference;
  return a.key < b.key ? -1 : 1;
}

/** Everything that plugins add to the dashboard, each thing owned by its plugin. */
export class PluginRegistry {
  /** From `contributes`; what is registered under the same key stands before it while it lasts. */
  readonly #declared = new Map<string, Registered>();
  readonly #registered = new Map<string, Registered>();
  readonly #listeners = new Set<() => void>();
  readonly #snapshots = new Map<ContributionKind, readonly Registered[]>();
  readonly #isOwnPath: (path: string) => boolean;

  /** `isOwnPath`: whether a path is the dashboard's own, which no route may have. */
  constructor(isOwnPath: (path: string) => boolean = () => false) {
    this.#isOwnPath = isOwnPath;
  }

  /** What there is of a kind, by `order`, then plugin and id. The same array until something of the kind changes. */
  getSnapshot<K extends ContributionKind>(kind: K): readonly Registered<K>[] {
    let snapshot = this.#snapshots.get(kind);
    if (snapshot === undefined) {
      const merged = new Map([...this.#declared, ...this.#registered]);
      snapshot = [...merged.values()].filter((entry) => entry.kind === kind).sort(byOrder);
      this.#snapshots.set(kind, snapshot);
    }
    return snapshot as unknown as readonly Registered<K>[];
  }

  /** Whether this very contribution still stands. */
  has(contribution: Registered): boolean {
    return this.#registered.get(contribution.key) === contribution;
  }

  /** Calls `listener` after each change; gives back its undo. */
  subscribe(listener: () => void): () => void {
    const own = () => {
      listener();
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Adds what `contributes` declares; what the plugin's code registers under the same ids takes its place. */
  declare(pluginId: string, contributes: Contributes): Disposable {
    const scope = this.#openScope(pluginId, true);
    for (const kind of contributionKinds) {
      // Only the declared part; the code that these kinds need comes with the registration.
      for (const item of contributes[kind] ?? []) scope.register(kind, item as Contribution<typeof kind>);
    }
    return scope;
  }

  /** For one run of a plugin: disposing of it takes all its contributions back. */
  openScope(pluginId: string): ContributionScope {
    return this.#openScope(pluginId, false);
  }

  #openScope(pluginId: string, isDeclared: boolean): ContributionScope {
    const owned = new Set<() => void>();
    let isOpen = true;
    return {
      register: (kind, contribution) => {
        if (!isOpen) {
          const phase = 'run';
          throw new PluginLoadError('E_PLUGIN_STOPPED', 'registered something after it was stopped', {
            pluginId,
            phase,
          });
        }
        const undo = this.#add(pluginId, kind, contribution as Contribution, isDeclared);
        const dispose = () => {
          if (owned.delete(dispose)) undo();
        };
        owned.add(dispose);
        return { dispose };
      },
      dispose: () => {
        isOpen = false;
        for (const dispose of [...owned]) dispose();
      },
    };
  }

  #add(pluginId: string, kind: ContributionKind, value: Contribution, isDeclared: boolean): () => void {
    const phase = isDeclared ? 'list' : 'activate';
    const refuse = (code: 'E_CONTRIBUTION_INVALID' | 'E_CONTRIBUTION_DUPLICATE', message: string) =>
      new PluginLoadError(code, message, { pluginId, phase });
    if (!isKind(kind)) {
      const expected = contributionKinds.join(', ');
      throw refuse('E_CONTRIBUTION_INVALID', `expected a kind of contribution (${expected}), got ${String(kind)}`);
    }
    // A copy, so that what was checked is what is used.
    const copy = Object.freeze({ ...value });
    const problem = problemOf(kind, copy, isDeclared);
    if (problem !== undefined) throw refuse('E_CONTRIBUTION_INVALID', `${kind}: ${problem}`);
    const key = `${pluginId}#${kind}/${copy.id}`;
    const layer = isDeclared ? this.#declared : this.#registered;
    if (layer.has(key)) throw refuse('E_CONTRIBUTION_DUPLICATE', `${kind}: the id "${copy.id}" is taken`);
    if ('path' in copy) {
      if (this.#isOwnPath(copy.path)) {
        throw refuse('E_CONTRIBUTION_INVALID', `route: the path ${copy.path} is the dashboard's own`);
      }
      const other = this.getSnapshot('route').find((route) => route.value.path === copy.path && route.key !== key);
      if (other !== undefined) {
        throw refuse('E_CONTRIBUTION_DUPLICATE', `route: the path ${copy.path} is taken by ${other.pluginId}`);
      }
    }
    layer.set(key, { key, pluginId, kind, value: copy, isDeclared });
    this.#changed(kind);
    return () => {
      layer.delete(key);
      this.#changed(kind);
    };
  }

  #changed(kind: ContributionKind): void {
    this.#snapshots.delete(kind);
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch {
        // A listener is the dashboard's: what it throws must harm neither the plugin that registers nor the others.
      }
    }
  }
}
