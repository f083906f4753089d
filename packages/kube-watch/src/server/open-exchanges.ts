import type { ClusterRuntime } from './cluster-runtime.ts';
import { clusterKey } from './tenancy.ts';

/** Of one user and one cluster at a time; far more than a page or a shell with its logs holds. */
const maxPerUserAndCluster = 200;

/** Of one user at a time: clusters of users may lead to each other. */
const maxPerUser = 500;

/** One of {@link OpenExchanges}, and who asked for it. */
export interface OpenExchange {
  readonly cluster: ClusterRuntime;
  readonly orgId: string;
  readonly userId: string;
  readonly cut: () => void;
}

/** Proxied requests and upgrades that are under way; a watch or a shell may last for hours. */
export class OpenExchanges {
  readonly #open = new Set<OpenExchange>();

  readonly #counts = new Map<string, number>();

  /** Remembers one until the undo; undefined when the user has as many as one may have. */
  add(exchange: OpenExchange): (() => void) | undefined {
    const { cluster, orgId, userId } = exchange;
    const user = JSON.stringify([orgId, userId]);
    const userAndCluster = JSON.stringify([clusterKey(cluster.definition), orgId, userId]);
    if (this.#countOf(user) >= maxPerUser || this.#countOf(userAndCluster) >= maxPerUserAndCluster) return undefined;
    for (const key of [user, userAndCluster]) this.#counts.set(key, this.#countOf(key) + 1);
    this.#open.add(exchange);
    const release = cluster.hold();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#open.delete(exchange);
      release();
      for (const key of [user, userAndCluster]) {
        const left = this.#countOf(key) - 1;
        if (left > 0) this.#counts.set(key, left);
        else this.#counts.delete(key);
      }
    };
  }

  #countOf(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Cuts those for which `isOver` says that who asked may not have them any more. */
  cut(isOver: (exchange: OpenExchange) => boolean): void {
    for (const exchange of [...this.#open]) {
      if (!isOver(exchange)) continue;
      this.#open.delete(exchange);
      exchange.cut();
    }
  }
}
