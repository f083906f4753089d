import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { Clock } from '@fleetwire/websocket-core';
import { expect } from 'vitest';
import { parsePolicy } from '../../src/core/policy.ts';
import { createFetcher, type FetcherOptions } from '../../src/node/fetch/create-fetcher.ts';
import { createPluginManager } from '../../src/node/plugin-manager.ts';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { createArtifactHubSource } from '../../src/node/sources/artifact-hub.ts';
import { tarOf, type RawEntry } from '../../src/testing/bad-archives/tar-builder.ts';
import { createCatalogServer, type CatalogFault, type CatalogServer } from '../../src/testing/catalog-server.ts';
import type { CatalogVersion } from '../../src/testing/catalog-package.ts';

/** What all of the corpus is tried on. */
export const pluginId = 'hub:acme/plugin';
/** Where the server has its package, and its archives. */
export const detailPath = '/api/v1/packages/headlamp/acme/plugin';
export const archivesPath = '/archives/';

const entryOf = (version: string) => `export const version = '${version}';\n`;

/** An archive of the plugin; `changes` are laid over package.json. */
export function archiveOf(version: string, changes: object = {}, files: readonly RawEntry[] = []): Buffer {
  const manifest = { name: 'plugin', version, fleetwire: { entry: './main.js' }, ...changes };
  return gzipSync(
    tarOf([
      { path: 'plugin/package.json', body: JSON.stringify(manifest) },
      { path: 'plugin/main.js', body: entryOf(version) },
      ...files,
    ]),
  );
}

/** What the catalog offers as the version 1.1.0, and to whom. */
export interface Offer {
  /** Default: a good one. */
  readonly archive?: Buffer;
  readonly annotations?: CatalogVersion['annotations'];
  readonly repositoryId?: string;
  readonly faults?: readonly (readonly [pathPrefix: string, fault: CatalogFault])[];
  /** Laid over the policy. */
  readonly policy?: object;
  readonly fetcher?: FetcherOptions;
  /** Whether archives may come from this machine. Default: true. */
  readonly isLocal?: boolean;
  readonly clock?: Clock;
}

/** A catalog, and a store in which the version 1.0.0 is installed. */
export interface World {
  readonly server: CatalogServer;
  /** Holds nothing but the store and a file that must stay as it is. */
  readonly folder: string;
  readonly root: string;
  /** Makes the offer, and a manager for it. */
  open(offer?: Offer): PluginManager;
  /** Everything below the folder but staging, locks and audit: kind, mode and content by path. */
  snapshot(): Promise<ReadonlyMap<string, string>>;
  /** Fails unless 1.0.0 is active, whole and served, and nothing is staged. */
  expectOldVersion(manager: PluginManager): Promise<void>;
  dispose(): Promise<void>;
}

/** Makes a world; `installed` are annotations of 1.0.0, under which policy it is installed `policy`. */
export async function createWorld(installed: Pick<Offer, 'annotations' | 'policy'> = {}): Promise<World> {
  const server = await createCatalogServer();
  const folder = await mkdtemp(join(tmpdir(), 'plugin-corpus-'));
  const root = join(folder, 'a', 'b', 'root');
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  await writeFile(join(folder, 'a', 'sentinel'), 'untouched');
  const good: CatalogVersion = { version: '1.0.0', archive: archiveOf('1.0.0'), ...pick(installed.annotations) };
  let undo: (() => void)[] = [];

  const world: World = {
    server,
    folder,
    root,
    open({
      archive = archiveOf('1.1.0'),
      annotations,
      repositoryId,
      faults = [],
      policy,
      fetcher,
      isLocal = true,
      clock,
    } = {}) {
      const { url } = server;
      for (const one of undo) one();
      undo = faults.map(([prefix, fault]) => server.fail(prefix, fault));
      const offered: CatalogVersion = { version: '1.1.0', archive, ...pick(annotations) };
      const own = { repo: 'acme', name: 'plugin', versions: [offered, good] } as const;
      server.put(repositoryId === undefined ? own : { ...own, repositoryId });
      const transport = createFetcher({ retries: 0, random: () => 0, ...fetcher });
      return createPluginManager({
        root,
        host: { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' },
        policy: parsePolicy({
          sources: [{ name: 'hub', kind: 'artifact-hub', url, isLocal }],
          hosts: [new URL(url).host],
          ...installed.policy,
          ...policy,
        }),
        sources: [createArtifactHubSource({ name: 'hub', url, fetcher: transport, isLocal: true })],
        transport,
        clock,
      });
    },
    snapshot: () => snapshotOf(folder, root),
    async expectOldVersion(manager) {
      const listed = await manager.list();
      expect(listed).toMatchObject([{ pluginId, status: 'ok', installed: { active: { version: '1.0.0' } } }]);
      expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });
      const { active } = (await manager.get(pluginId)).installed;
      const { content } = await manager.openFile(pluginId, active.build, 'main.js');
      expect(await text(content)).toBe(entryOf('1.0.0'));
      for (const token of await readdir(join(root, 'staging'))) {
        expect(await readdir(join(root, 'staging', token))).toEqual([]);
      }
    },
    async dispose() {
      await server.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };

  const manager = world.open();
  await manager.install(pluginId, { version: '1.0.0' });
  await manager.dispose();
  return world;
}

function pick(annotations: CatalogVersion['annotations']): Pick<CatalogVersion, 'annotations'> {
  return annotations === undefined ? {} : { annotations };
}

async function snapshotOf(folder: string, root: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const isLeftOut = (path: string) => ['staging', 'lock', 'audit.jsonl'].some((name) => path === join(root, name));
  const walk = async (path: string): Promise<void> => {
    for (const name of await readdir(path)) {
      const below = join(path, name);
      if (isLeftOut(below)) continue;
      const stat = await lstat(below);
      const mode = stat.mode.toString(8);
      if (stat.isDirectory()) {
        found.set(below, mode);
        await walk(below);
      } else if (stat.isSymbolicLink()) found.set(below, `${mode} ${await readlink(below)}`);
      else
        found.set(
          below,
          `${mode} ${createHash('sha256')
            .update(await readFile(below))
            .digest('hex')}`,
        );
    }
  };
  await walk(folder);
  return found;
}
