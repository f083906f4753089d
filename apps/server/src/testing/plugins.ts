import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type Client } from '@fleetwire/websocket-core/client';
import { createCatalogServer, goodArchive, type CatalogServer } from '@fleetwire/plugin-manager/testing';
import type { Config } from '../config/schema.ts';
import { newFolder } from './new-folder.ts';

/** A catalog with its policy, as an operator would write it; what is put in it can be installed from source `hub`. */
export interface TestCatalog extends CatalogServer {
  readonly config: Pick<Config, 'pluginPolicy'>;
}

/** Starts a catalog. `more` is laid over the policy. */
export async function startTestCatalog(more: Readonly<Record<string, unknown>> = {}): Promise<TestCatalog> {
  const catalog = await createCatalogServer();
  const pluginPolicy = join(newFolder(), 'policy.json');
  const policy = {
    sources: [{ name: 'hub', kind: 'artifact-hub', url: catalog.url, isLocal: true }],
    hosts: [new URL(catalog.url).host],
    ...more,
  };
  writeFileSync(pluginPolicy, JSON.stringify(policy));
  return { ...catalog, config: { pluginPolicy } };
}

/** The archive of a version of a small plugin; `bytes` of its module do not compress. */
export function pluginArchive(name: string, version: string, entry = `export const version = '${version}';\n`): Buffer {
  const archive = goodArchive({
    dialect: 'ustar',
    topFolder: name,
    hasFolderEntries: false,
    hasDotPrefix: false,
    hasGlobalHeader: false,
    files: [
      {
        path: 'package.json',
        body: Buffer.from(JSON.stringify({ name, version, title: name, fleetwire: { entry: 'dist/index.js' } })),
      },
      { path: 'dist/index.js', body: Buffer.from(entry) },
    ],
  });
  if (archive === undefined) throw new Error('the archive cannot be written');
  return archive;
}

/** The items of a state channel as a client has them, and why it has none. */
export interface WatchedChannel {
  readonly values: () => Readonly<Record<string, unknown>>;
  /** Each value that an item had, oldest first. */
  readonly seen: (key: string) => readonly unknown[];
  readonly refusal: () => string | undefined;
  dispose(): void;
}

/** Subscribes as a new tab would. */
export function watchChannel(url: string, token: string, channel: string): WatchedChannel {
  const client: Client = createClient({ url: `${url}/ws`, getToken: () => token });
  let values: Record<string, unknown> = {};
  let refusal: string | undefined;
  const history = new Map<string, unknown[]>();
  client.subscribe(channel, {
    onItems(items) {
      values = Object.fromEntries([...items].map(([key, { value }]) => [key, value]));
      for (const [key, value] of Object.entries(values)) {
        const before = history.get(key) ?? [];
        if (before.at(-1) !== value) history.set(key, [...before, value]);
      }
    },
    onState(state) {
      if (state.status !== 'live') refusal = state.error?.code;
    },
  });
  return {
    values: () => values,
    seen: (key) => history.get(key) ?? [],
    refusal: () => refusal,
    dispose: () => client.dispose(),
  };
}
