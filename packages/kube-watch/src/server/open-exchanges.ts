import type { ClusterRuntime } from './cluster-runtime.ts';

interface OpenExchange {
  readonly cluster: ClusterRuntime;
  readonly orgId: string;
  readonly cut: () => void;
}

/** Proxied requests and upgrades that are under way; a watch or a shell may last for hours. */
export class OpenExchanges {
  readonly #open = new Set<OpenExchange>();

  /** Remembers one until the undo. */
  add(exchange: OpenExchange): () => void {
    this.#open.add(exchange);
    return () => this.#open.delete(exchange);
  }

  /** Cuts those for which `isOver` says that the organisation may not have them any more. */
  cut(isOver: (cluster: ClusterRuntime, orgId: string) => boolean): void {
    for (const exchange of [...this.#open]) {
      if (!isOver(exchange.cluster, exchange.orgId)) continue;
      this.#open.delete(exchange);
      exchange.cut();
    }
  }
}
