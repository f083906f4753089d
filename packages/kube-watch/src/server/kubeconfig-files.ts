import { readFileSync, statSync } from 'node:fs';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { Cluster, Context, KubeConfig, User } from '@kubernetes/client-node';
import type { ClientNode, KubeconfigEntry } from './kubeconfig-connection.ts';

/** What the files say, the earlier file first where two name the same (kubectl, `KUBECONFIG`). */
export interface KubeconfigContents {
  readonly entries: readonly (KubeconfigEntry | { readonly context: Context; readonly defect: string })[];
  /** A file that was there is not: it may be about to be replaced. */
  readonly isMissing: boolean;
}

/** Reads kubeconfigs again and again; a file that cannot be read keeps what it said last. */
export class KubeconfigFiles {
  readonly #paths: readonly string[];
  readonly #clientNode: ClientNode;
  readonly #logger: Logger;
  readonly #lastGood = new Map<string, KubeConfig>();

  constructor(paths: readonly string[], clientNode: ClientNode, logger: Logger) {
    this.#paths = paths;
    this.#clientNode = clientNode;
    this.#logger = logger;
  }

  /** Changes when a file does; costs a `stat` each. */
  signature(): string {
    return this.#paths
      .map((path) => {
        const stats = statSync(path, { throwIfNoEntry: false });
        return stats === undefined ? '-' : `${String(stats.mtimeMs)} ${String(stats.size)} ${String(stats.ino)}`;
      })
      .join('\n');
  }

  /** `forgetMissing`: files that are not there say nothing any more. */
  read(forgetMissing: boolean): KubeconfigContents {
    let isMissing = false;
    for (const path of this.#paths) {
      if (statSync(path, { throwIfNoEntry: false }) !== undefined) {
        this.#load(path);
      } else if (this.#lastGood.has(path)) {
        if (forgetMissing) this.#lastGood.delete(path);
        else isMissing = true;
      }
    }
    const configs = this.#paths.flatMap((path) => this.#lastGood.get(path) ?? []);
    return { entries: entriesOf(configs), isMissing };
  }

  #load(path: string): void {
    try {
      this.#lastGood.set(path, this.#parse(path, 'throw'));
    } catch (error) {
      try {
        const config = this.#parse(path, 'filter');
        this.#logger.error({ path, err: error }, 'a kubeconfig has entries that cannot be read; they are left out');
        this.#lastGood.set(path, config);
      } catch {
        const kept = this.#lastGood.has(path) ? 'what it said before stays' : 'it adds no clusters';
        this.#logger.error({ path, err: error }, `a kubeconfig cannot be read; ${kept}`);
      }
    }
  }

  #parse(path: string, onInvalidEntry: 'throw' | 'filter'): KubeConfig {
    const config = new this.#clientNode.KubeConfig();
    config.loadFromFile(path, { onInvalidEntry });
    const isEmpty = config.clusters.length + config.users.length + config.contexts.length === 0;
    // The library takes any text for one without entries; kubectl writes `clusters: null` into one that has none.
    if (isEmpty && !/\bclusters\b/.test(readFileSync(path, 'utf8'))) throw new TypeError('expected a kubeconfig');
    return config;
  }
}

function entriesOf(configs: readonly KubeConfig[]): KubeconfigContents['entries'] {
  const clusters = new Map<string, Cluster>();
  const users = new Map<string, User>();
  const contexts = new Map<string, Context>();
  for (const config of configs) {
    for (const cluster of config.clusters) if (!clusters.has(cluster.name)) clusters.set(cluster.name, cluster);
    for (const user of config.users) if (!users.has(user.name)) users.set(user.name, user);
    for (const context of config.contexts) if (!contexts.has(context.name)) contexts.set(context.name, context);
  }
  return [...contexts.values()].map((context) => {
    const cluster = clusters.get(context.cluster);
    const user = users.get(context.user);
    const name = JSON.stringify(context.name);
    if (cluster === undefined) {
      return {
        context,
        defect: `context ${name} names the cluster ${JSON.stringify(context.cluster)}, which no kubeconfig has`,
      };
    }
    // A context without user is anonymous; one that names a user which is not there is a mistake.
    const namesUser = (context.user as string | undefined) !== undefined;
    if (user === undefined && namesUser) {
      return {
        context,
        defect: `context ${name} names the user ${JSON.stringify(context.user)}, which no kubeconfig has`,
      };
    }
    return { context, cluster, user };
  });
}
