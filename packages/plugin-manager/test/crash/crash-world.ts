import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { folderNameOf } from '../../src/core/state/folder-names.ts';
import { parseState } from '../../src/core/state/schema.ts';
import { buildsOf } from '../../src/core/state/transitions.ts';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { createPluginManager } from '../../src/node/plugin-manager.ts';
import { createSources } from '../../src/node/sources/create-sources.ts';
import { parsePluginId } from '../../src/protocol/plugin-id.ts';
import type { PluginState } from '../../src/protocol/state.ts';
import { createCatalogServer } from '../../src/testing/catalog-server.ts';
import { crashHost, crashPackages, crashPolicy, entryText } from './crash-catalog.ts';
import type { DoneOperation, ManagerProcessOptions } from './manager-process.ts';

/** How a process ended, and what it had done by then. */
export interface EndedProcess {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly done: readonly DoneOperation[];
  readonly errors: string;
}

/** A catalog, and a folder for a store that processes work on. */
export interface CrashWorld {
  readonly root: string;
  /** Runs operations in a process of its own; `onReady` when it has opened the store. */
  work(
    options: Omit<ManagerProcessOptions, 'root' | 'catalog'>,
    onReady?: (child: ChildProcess) => void,
  ): Promise<EndedProcess>;
  open(): PluginManager;
  /** What holds after a start, whatever happened before; gives the state. */
  expectInOrder(): Promise<PluginState>;
  dispose(): Promise<void>;
}

const script = fileURLToPath(new URL('manager-process.ts', import.meta.url));

/** Makes a world. */
export async function createCrashWorld(): Promise<CrashWorld> {
  const server = await createCatalogServer(crashPackages());
  const folder = await mkdtemp(join(tmpdir(), 'plugin-crash-'));
  const root = join(folder, 'root');
  // The start of a process is most of its time; one that is killed leaves nothing in the cache of its code.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const policy = crashPolicy(server.url);
  const transport = createFetcher({ retries: 0 });
  const stateOf = async (): Promise<PluginState> => parseState(await readFile(join(root, 'state.json'), 'utf8'));

  const world: CrashWorld = {
    root,
    async work(options, onReady) {
      const given: ManagerProcessOptions = { ...options, root, catalog: server.url };
      const child = spawn(process.execPath, [script, JSON.stringify(given)], { env });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        if (output === '') onReady?.(child);
        output += chunk;
      });
      const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
        child.once('close', (code, signal) => {
          resolve([code, signal]);
        });
      });
      const [errors, [code, signal]] = await Promise.all([text(child.stderr), ended]);
      // A line that a kill cut short is one that was not said.
      const lines = output.split('\n').slice(0, -1);
      const done = lines.filter((line) => line.includes('"event"')).map((line) => JSON.parse(line) as DoneOperation);
      return { code, signal, errors, done };
    },
    open: () =>
      createPluginManager({ root, host: crashHost, policy, sources: createSources(policy, transport), transport }),
    async expectInOrder() {
      // As the crash left it, before anybody puts it right. A first start may have been too short to make one.
      const before = await stateOf().catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      });
      const manager = world.open();
      try {
        const listed = await manager.list();
        const state = await stateOf();
        if (before !== undefined) expect(state).toEqual(before);
        expect(listed.map((plugin) => plugin.managed && plugin.status)).toEqual(listed.map(() => 'ok'));
        for (const plugin of listed) if (plugin.managed) await expectWhole(manager, plugin.pluginId, root);
        expect(await readdir(join(root, 'store'))).toEqual(listed.map(({ folderName }) => folderName).toSorted());
        expect(await readdir(join(root, 'staging'))).toEqual([]);
        expect(await readdir(join(root, 'trash'))).toEqual([]);
        expect(await readdir(join(root, 'lock'))).toEqual(['store.db']);
        expect(await readdir(root)).not.toContain('state.json.draft');
        return state;
      } finally {
        await manager.dispose();
      }
    },
    async dispose() {
      await server.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await world.work({ seed: 0, operations: 0 });
  return world;
}

/** The active version is one that was published, whole; the earlier ones are there, and nothing else is. */
async function expectWhole(manager: PluginManager, pluginId: string, root: string): Promise<void> {
  const { installed } = await manager.get(pluginId);
  expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });
  const { active } = installed;
  const { content } = await manager.openFile(pluginId, active.build, 'main.js');
  expect(await text(content)).toBe(entryText(parsePluginId(pluginId).name, active.version));
  const builds = buildsOf(installed).map(({ build }) => build);
  expect(builds.length).toBeLessThanOrEqual(3);
  expect(await readdir(join(root, 'store', folderNameOf(pluginId)))).toEqual(builds.toSorted());
}
