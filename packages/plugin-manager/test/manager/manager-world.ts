import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePolicy, type PluginPolicy } from '../../src/core/policy.ts';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import type { PluginManager, PluginManagerOptions } from '../../src/node/plugin-manager-interface.ts';
import { createPluginManager } from '../../src/node/plugin-manager.ts';
import { createSources } from '../../src/node/sources/create-sources.ts';
import type { PluginHost } from '../../src/protocol/host.ts';
import type { CatalogVersion } from '../../src/testing/catalog-package.ts';
import { createCatalogServer, type CatalogServer } from '../../src/testing/catalog-server.ts';
import { pluginArchive } from '../support/plugin-archive.ts';

export const host: PluginHost = { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' };

/** What differs from a plugin that is as it should be. */
export interface ArchiveChanges {
  /** Laid over package.json. */
  readonly manifest?: Readonly<Record<string, unknown>> | undefined;
  readonly contributes?: unknown;
  readonly hasEntry?: boolean | undefined;
  /** More files, by path. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/** The archive of a version of a plugin. */
export function archiveOf(name: string, version: string, changes: ArchiveChanges = {}): Uint8Array {
  const { manifest, contributes, hasEntry = true, files } = changes;
  const fleetwire = { ...(hasEntry && { entry: './dist/main.js' }), contributes };
  return pluginArchive({ name, version, title: name, fleetwire, ...manifest }, files);
}

/** What the entry of a version says. */
export function mainOf(version: string): string {
  return `export const version = '${version}';\n`;
}

/** What a publisher says of a version, beside its archive. */
export type Published = ArchiveChanges & Omit<CatalogVersion, 'archive'>;

/** A catalog, a store, and what was made of them; `dispose` takes all of it away. */
export interface World {
  readonly server: CatalogServer;
  readonly root: string;
  /** The newest first. */
  publish(name: string, ...versions: readonly [Published, ...Published[]]): void;
  /** Another manager of the same store. */
  open(options?: Partial<PluginManagerOptions>, policy?: Readonly<Record<string, unknown>>): PluginManager;
  dispose(): Promise<void>;
}

/** A policy that trusts a catalog of this machine as `hub`, and what else is given. */
export function catalogPolicy(url: string, more: Readonly<Record<string, unknown>> = {}): PluginPolicy {
  const sources = [{ name: 'hub', kind: 'artifact-hub', url, isLocal: true }];
  return parsePolicy({ sources, hosts: [new URL(url).host], ...more });
}

/** Makes a world with an empty catalog. */
export async function createWorld(): Promise<World> {
  const server = await createCatalogServer();
  const root = await mkdtemp(join(tmpdir(), 'plugin-manager-'));
  const managers: PluginManager[] = [];
  return {
    server,
    root,
    publish(name, ...versions) {
      const [newest, ...older] = versions.map(({ manifest, contributes, hasEntry, files, ...said }) => ({
        ...said,
        archive: archiveOf(name, said.version, { manifest, contributes, hasEntry, files }),
      }));
      if (newest !== undefined) server.put({ repo: 'acme', name, versions: [newest, ...older] });
    },
    open(options = {}, policy = {}) {
      const parsed = catalogPolicy(server.url, policy);
      const transport = createFetcher({ retries: 0 });
      const sources = createSources(parsed, transport);
      const manager = createPluginManager({ root, host, policy: parsed, sources, transport, ...options });
      managers.push(manager);
      return manager;
    },
    async dispose() {
      for (const manager of managers) await manager.dispose();
      await server.dispose();
      await rm(root, { recursive: true, force: true });
    },
  };
}
