import { watch, type FSWatcher } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FleetwireError } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import { createKubeconfigConnection, fingerprintOf, type ClientNode } from './kubeconfig-connection.ts';
import { KubeconfigFiles, type KubeconfigContents } from './kubeconfig-files.ts';
import { createDefectiveConnection } from './static-clusters.ts';
import type { ClusterConnection, ClusterDefinition, ClusterSource } from './types.ts';

/** Where clusters come from and whose they are. */
export interface KubeconfigClustersOptions {
  /** Files in the order of `KUBECONFIG`; they may be missing and come later. None: the pod's own service account. */
  readonly paths: readonly string[];
  /** Organisation ids of a cluster, asked at each change of the files. */
  readonly orgsOf: (cluster: string) => readonly string[];
  /** Default `shared`. */
  readonly identityOf?: ((cluster: string) => ClusterDefinition['identity']) | undefined;
  readonly logger: Logger;
  /** `@kubernetes/client-node`, where an application brings its own. Default: imported. */
  readonly clientNode?: ClientNode | undefined;
  /** How often the files are looked at where the file system tells nothing. Default 5 s. */
  readonly pollIntervalMs?: number | undefined;
}

/** Name of the cluster that the gateway's own pod runs in. */
const inClusterName = 'in-cluster';

/** Editors write a file in several steps. */
const debounceMs = 100;
/** A file that is replaced may be missing for a moment; one that stays away for so long is gone. */
const missingMs = 1_000;

/**
 * Creates a {@link ClusterSource} of kubeconfigs: each context is a cluster. The files are watched, and what changes in
 * them applies at once; an edit that cannot be read is logged and changes nothing. Rejects with MISSING_PEER when
 * `@kubernetes/client-node` is not installed.
 */
export async function createKubeconfigClusters(options: KubeconfigClustersOptions): Promise<ClusterSource> {
  const clientNode = options.clientNode ?? (await importClientNode());
  return new KubeconfigClusters(options, clientNode);
}

async function importClientNode(): Promise<ClientNode> {
  try {
    return await import('@kubernetes/client-node');
  } catch (error) {
    throw new FleetwireError(
      'MISSING_PEER',
      'clusters of kubeconfigs need the package @kubernetes/client-node: npm install @kubernetes/client-node',
      { cause: error },
    );
  }
}

class KubeconfigClusters implements ClusterSource {
  readonly #options: KubeconfigClustersOptions;
  readonly #clientNode: ClientNode;
  readonly #files: KubeconfigFiles;
  readonly #listeners = new Set<() => void>();
  readonly #watchers: FSWatcher[] = [];
  readonly #poll: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #signature: string;
  /** Definitions by what they were made of: those that stay the same stay the same object. */
  #definitions = new Map<string, ClusterDefinition>();
  /** Connections in use by what they were made of: other organisations are no reason to dial anew. */
  readonly #connections = new Map<string, ClusterConnection>();

  constructor(options: KubeconfigClustersOptions, clientNode: ClientNode) {
    this.#options = options;
    this.#clientNode = clientNode;
    const paths = options.paths.map((path) => resolve(path));
    this.#files = new KubeconfigFiles(paths, clientNode, options.logger);
    this.#signature = this.#files.signature();
    this.#load(false);
    for (const folder of new Set(paths.map((path) => dirname(path)))) this.#watch(folder);
    this.#poll = setInterval(() => {
      if (this.#files.signature() !== this.#signature) this.#schedule(debounceMs);
    }, options.pollIntervalMs ?? 5_000);
    this.#poll.unref();
  }

  get clusters(): readonly ClusterDefinition[] {
    return [...this.#definitions.values()];
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  dispose(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    this.#listeners.clear();
  }

  /** The folder, since a file that is replaced is another file. Where that fails, the poll finds changes. */
  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        if (this.#files.signature() !== this.#signature) this.#schedule(debounceMs);
      });
      watcher.on('error', () => {
        watcher.close();
      });
      this.#watchers.push(watcher);
    } catch (error) {
      this.#options.logger.debug({ folder, err: error }, 'a folder cannot be watched; its kubeconfigs are polled');
    }
  }

  #schedule(delayMs: number, forgetMissing = false): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#signature = this.#files.signature();
      if (this.#load(forgetMissing)) for (const listener of [...this.#listeners]) listener();
    }, delayMs);
    this.#timer.unref();
  }

  /** Whether anything changed. */
  #load(forgetMissing: boolean): boolean {
    const contents = this.#options.paths.length === 0 ? this.#inCluster() : this.#files.read(forgetMissing);
    if (contents.isMissing) this.#schedule(missingMs, true);
    const former = this.#definitions;
    const next = new Map<string, ClusterDefinition>();
    for (const entry of contents.entries) {
      const [key, make] = this.#define(entry);
      next.set(key, former.get(key) ?? make());
    }
    const inUse = new Set([...next.values()].map(({ connection }) => connection));
    for (const [key, connection] of this.#connections) if (!inUse.has(connection)) this.#connections.delete(key);
    this.#definitions = next;
    return next.size !== former.size || [...next.keys()].some((key) => !former.has(key));
  }

  /** What a definition is made of, and how. */
  #define(entry: KubeconfigContents['entries'][number]): [string, () => ClusterDefinition] {
    const { orgsOf, identityOf, logger } = this.#options;
    const { name } = entry.context;
    const orgs = [...orgsOf(name)];
    const identity = identityOf?.(name) ?? 'shared';
    const isDefective = 'defect' in entry;
    const key = JSON.stringify([name, orgs, identity, isDefective ? entry.defect : fingerprintOf(entry)]);
    return [
      key,
      () => {
        if (isDefective) logger.error({ cluster: name }, entry.defect);
        const made = JSON.stringify([name, isDefective ? entry.defect : fingerprintOf(entry)]);
        const connection =
          this.#connections.get(made) ??
          (isDefective
            ? createDefectiveConnection(entry.defect)
            : createKubeconfigConnection(entry, this.#clientNode, logger));
        this.#connections.set(made, connection);
        return { name, orgs, identity, connection };
      },
    ];
  }

  #inCluster(): KubeconfigContents {
    const { KUBERNETES_SERVICE_HOST: host } = process.env;
    if (host === undefined || host === '') return { entries: [], isMissing: false };
    const config = new this.#clientNode.KubeConfig();
    config.loadFromCluster();
    const [cluster] = config.clusters;
    const [user] = config.users;
    const [context] = config.contexts;
    if (cluster === undefined || context === undefined) return { entries: [], isMissing: false };
    return { entries: [{ context: { ...context, name: inClusterName }, cluster, user }], isMissing: false };
  }
}
