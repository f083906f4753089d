import { contributionKinds, maxPerKind, type Contributes, type ContributionKind } from '../protocol/contributions.ts';
import { comparablePath } from '../protocol/comparable-path.ts';
import type { Contribution } from '../sdk/contributions.ts';
import type { Disposable } from '../sdk/define-plugin.ts';
import { checkContribution, isContributionKind, needsCode } from './check-contribution.ts';
import { messageOf } from './message-of.ts';
import { PluginLoadError } from './plugin-load-error.ts';

/** A contribution as the dashboard sees it. */
export interface Registered<K extends ContributionKind = ContributionKind> {
  /** Unique among all contributions, and the same after an update: good as a key of React. */
  readonly key: string;
  readonly pluginId: string;
  readonly kind: K;
  /** What was checked of what the plugin gave, frozen; the declared part alone while `isDeclared`. */
  readonly value: Contribution<K>;
  /** It comes from `contributes`: the plugin's code has not run yet. */
  readonly isDeclared: boolean;
}

/** What one run of a plugin registers with. */
export interface ContributionScope extends Disposable {
  register<K extends ContributionKind>(kind: K, contribution: Contribution<K>): Disposable;
}

/** What `contributes` of one plugin declares. */
export interface Declaration extends Disposable {
  /** What of it is not shown, as of now: what is not valid, and routes that wait for that of another plugin to go. */
  problems(): readonly PluginLoadError[];
  /**
   * For when the plugin is active. From then on there is what its code registered, and what needs no code (navigation and
   * themes); what it declared and did not register is left out, with a problem.
   */
  settle(): void;
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

  /** `isOwnPath`: whether a path, in the form of `comparablePath`, is the dashboard's own, which no route may have. */
  constructor(isOwnPath: (path: string) => boolean = () => false) {
    this.#isOwnPath = isOwnPath;
  }

  /** What there is of a kind, by `order`, then plugin and id. The same array until something of the kind changes. */
  getSnapshot<K extends ContributionKind>(kind: K): readonly Registered<K>[] {
    let snapshot = this.#snapshots.get(kind);
    if (snapshot === undefined) {
      const merged = [...new Map([...this.#declared, ...this.#registered]).values()].filter((one) => one.kind === kind);
      snapshot = merged.filter((one) => this.#ownerOfPath(one) === undefined).sort(byOrder);
      this.#snapshots.set(kind, snapshot);
    }
    return snapshot as unknown as readonly Registered<K>[];
  }

  /** Whether this very contribution still stands; one that is declared has no code, and does not. */
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

  /**
   * Adds what `contributes` declares; what the plugin's code registers under the same ids takes its place. Never throws:
   * what cannot be taken is among the problems, and takes nothing else with it.
   */
  declare(pluginId: string, contributes: Contributes): Declaration {
    const mine = new Map<string, Registered>();
    const refused: PluginLoadError[] = [];
    for (const kind of contributionKinds) {
      for (const item of contributes[kind] ?? []) {
        try {
          const one = this.#check(pluginId, kind, item, true);
          if (mine.has(one.key)) throw idIsTaken(one);
          if ([...mine.values()].some((other) => isSamePath(one, other))) throw pathIsTaken(one, pluginId);
          mine.set(one.key, one);
        } catch (thrown) {
          refused.push(thrown as PluginLoadError);
        }
      }
    }
    for (const [key, one] of mine) this.#declared.set(key, one);
    this.#changed(kindsOf(mine));
    return {
      problems: () => [
        ...refused,
        ...[...mine.values()].flatMap((one) => {
          const other = this.#declared.get(one.key) === one ? this.#ownerOfPath(one) : undefined;
          return other === undefined || other === pluginId ? [] : [pathIsTaken(one, other)];
        }),
      ],
      settle: () => {
        for (const [key, one] of mine) {
          if (this.#declared.get(key) !== one || !one.isDeclared) continue;
          this.#declared.delete(key);
          if (this.#registered.has(key)) continue;
          const { kind, value } = one;
          if (!needsCode(kind)) {
            const settled = { ...one, isDeclared: false };
            mine.set(key, settled);
            this.#declared.set(key, settled);
            continue;
          }
          const message = `declares the ${kind} "${value.id}" and does not register it`;
          refused.push(new PluginLoadError('E_CONTRIBUTION_INVALID', message, { pluginId, phase: 'activate' }));
        }
        this.#changed(kindsOf(mine));
      },
      dispose: () => {
        this.#remove(this.#declared, mine);
      },
    };
  }

  /** For one run of a plugin: disposing of it takes all its contributions back, at once. */
  openScope(pluginId: string): ContributionScope {
    const owned = new Map<string, Registered>();
    let isOpen = true;
    return {
      register: (kind, contribution) => {
        if (!isOpen) {
          const message = 'registered something after it was stopped';
          throw new PluginLoadError('E_PLUGIN_STOPPED', message, { pluginId, phase: 'run' });
        }
        const one = this.#check(pluginId, kind, contribution, false);
        if (this.#registered.has(one.key)) throw idIsTaken(one);
        const other = this.#ownerOfPath(one);
        if (other !== undefined) throw pathIsTaken(one, other);
        if ([...owned.values()].filter((earlier) => earlier.kind === kind).length >= maxPerKind) {
          throw refusal('E_CONTRIBUTION_INVALID', one, `expected at most ${String(maxPerKind)} of a kind`);
        }
        owned.set(one.key, one);
        this.#registered.set(one.key, one);
        this.#changed([kind]);
        return {
          dispose: () => {
            if (owned.get(one.key) !== one) return;
            owned.delete(one.key);
            this.#remove(this.#registered, new Map([[one.key, one]]));
          },
        };
      },
      dispose: () => {
        isOpen = false;
        const ending = new Map(owned);
        owned.clear();
        this.#remove(this.#registered, ending);
      },
    };
  }

  /** What is used is what was checked: a frozen copy, which nothing that the plugin keeps can change. */
  #check(pluginId: string, kind: ContributionKind, given: unknown, isDeclared: boolean): Registered {
    const fail = (message: string, cause?: unknown) =>
      new PluginLoadError('E_CONTRIBUTION_INVALID', message, {
        pluginId,
        phase: isDeclared ? 'list' : 'activate',
        cause,
      });
    if (!isContributionKind(kind)) {
      throw fail(`expected a kind of contribution (${contributionKinds.join(', ')}), got ${messageOf(kind)}`);
    }
    let value: Contribution | string;
    let isOwn = false;
    try {
      value = checkContribution(kind, given, isDeclared);
      if (typeof value === 'object' && 'path' in value) isOwn = this.#isOwnPath(comparablePath(value.path));
    } catch (thrown) {
      throw fail(`${kind}: cannot be read: ${messageOf(thrown)}`, thrown);
    }
    if (typeof value === 'string') throw fail(`${kind}: ${value}`);
    if (isOwn) throw fail(`route: the path ${(value as Contribution<'route'>).path} is the dashboard's own`);
    return { key: `${pluginId}#${kind}/${value.id}`, pluginId, kind, value, isDeclared };
  }

  /** Who has the path of a route before it: whoever registered it, or else declared it first. */
  #ownerOfPath(one: Registered): string | undefined {
    if (one.kind !== 'route') return undefined;
    const isSame = (other: Registered) => isSamePath(one, other);
    const registered = [...this.#registered.values()].find(isSame);
    if (registered !== undefined) return registered.key === one.key ? undefined : registered.pluginId;
    const declared = [...this.#declared.values()].find(isSame);
    if (declared === undefined || declared.key === one.key) return undefined;
    // What a plugin's own code registers stands before all that the plugin declares.
    return !one.isDeclared && declared.pluginId === one.pluginId ? undefined : declared.pluginId;
  }

  #remove(layer: Map<string, Registered>, ending: ReadonlyMap<string, Registered>): void {
    const removed = [...ending.values()].filter((one) => layer.get(one.key) === one);
    for (const { key } of removed) layer.delete(key);
    if (removed.length > 0) this.#changed(removed.map(({ kind }) => kind));
  }

  #changed(kinds: readonly ContributionKind[]): void {
    if (kinds.length === 0) return;
    for (const kind of kinds) this.#snapshots.delete(kind);
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch {
        // A listener is the dashboard's: what it throws must harm neither the plugin that registers nor the others.
      }
    }
  }
}

function isSamePath({ value: a }: Registered, { value: b }: Registered): boolean {
  return 'path' in a && 'path' in b && comparablePath(a.path) === comparablePath(b.path);
}

function kindsOf(contributions: ReadonlyMap<string, Registered>): ContributionKind[] {
  return [...contributions.values()].map(({ kind }) => kind);
}

function refusal(
  code: 'E_CONTRIBUTION_INVALID' | 'E_CONTRIBUTION_DUPLICATE',
  { pluginId, kind, isDeclared }: Registered,
  message: string,
): PluginLoadError {
  return new PluginLoadError(code, `${kind}: ${message}`, { pluginId, phase: isDeclared ? 'list' : 'activate' });
}

function idIsTaken(one: Registered): PluginLoadError {
  return refusal('E_CONTRIBUTION_DUPLICATE', one, `the id "${one.value.id}" is taken`);
}

function pathIsTaken(one: Registered, by: string): PluginLoadError {
  const { path } = one.value as Contribution<'route'>;
  return refusal('E_CONTRIBUTION_DUPLICATE', one, `the path ${path} is taken by ${by}`);
}
