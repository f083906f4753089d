import { createManualClock, type ManualClock } from '@fleetwire/websocket-core/testing';
import { createHash } from 'node:crypto';
import { createPluginLoader, type PluginLoader, type PluginLoadError } from '../../src/browser/index.ts';
import type { PluginLoaderOptions } from '../../src/browser/plugin-loader-interface.ts';
import type { PluginDefinition } from '../../src/sdk/index.ts';

/** A plugin as the fake server has it. */
export interface FakePlugin {
  readonly name: string;
  readonly build?: string;
  /** What the module comes to when it is evaluated; throws like an evaluation. */
  readonly evaluate: () => unknown;
  readonly contributes?: object;
  /** What the server says of its `contributes`. */
  readonly warnings?: readonly string[];
  /** What the server sends; default: the bytes that it verified. */
  readonly sent?: string;
}

export interface PluginPage {
  readonly loader: PluginLoader;
  readonly clock: ManualClock;
  readonly problems: PluginLoadError[];
  readonly fetched: string[];
  /** What the server lists from now on. */
  prepare(plugins: readonly (FakePlugin | object)[], generation?: number): void;
  /** The next list of the server; then `refresh`, and everything that needs no time. */
  show(plugins: readonly (FakePlugin | object)[], generation?: number): Promise<void>;
  status(name: string): string | undefined;
}

export const idOf = (name: string): string => `hub:acme/${name}`;

/** A module that exports this definition. */
export const exporting = (definition: PluginDefinition) => () => ({ default: definition });

const bytesOf = (name: string, build: string) => `// ${name} ${build}`;

/** Digests without other threads, which take any number of turns. */
const promptDigests: Pick<SubtleCrypto, 'digest'> = {
  digest: async (algorithm, data) => {
    const name = typeof algorithm === 'string' ? algorithm : algorithm.name;
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data;
    return new Uint8Array(createHash(name.replace('-', '')).update(new Uint8Array(bytes)).digest()).buffer;
  },
};

/** As `GET /api/v1/plugins/runtime` lists it. */
function listing({ name, build = '1.0.0-aaaaaaaaaaaa', contributes, warnings }: FakePlugin): object {
  const bytes = bytesOf(name, build);
  const integrity = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
  const entry = { url: `/plugins/hub-acme-${name}/${build}/main.js`, integrity, size: bytes.length };
  return { status: 'ready', id: idOf(name), title: name, version: '1.0.0', build, entry, contributes, warnings };
}

/** A page with a loader, a server of plugins, a module map and a clock that stands still. */
export function createPluginPage(options: Partial<PluginLoaderOptions> = {}): PluginPage {
  const clock = createManualClock();
  const problems: PluginLoadError[] = [];
  const fetched: string[] = [];
  const served = new Map<string, FakePlugin & { readonly build: string }>();
  const modules = new Map<string, Promise<unknown>>();
  let runtime: unknown;
  let lastGeneration = 0;

  const loader = createPluginLoader({
    runtime: async () => runtime,
    fetch: async (url) => {
      fetched.push(url as string);
      const plugin = served.get(url as string);
      if (plugin === undefined) return new Response('', { status: 404 });
      return new Response(plugin.sent ?? bytesOf(plugin.name, plugin.build));
    },
    importModule: ({ url }) => {
      // Like a page: a URL is evaluated once.
      const module = modules.get(url) ?? Promise.resolve().then(() => served.get(url)?.evaluate());
      modules.set(url, module);
      return module;
    },
    sdk: () => ({
      version: '1.0.0',
      clusters: { subscribe: () => () => undefined, getSnapshot: () => undefined },
      navigate: () => undefined,
      request: async () => new Response(),
      notify: () => undefined,
    }),
    clock,
    crypto: { subtle: promptDigests },
    onProblem: (problem) => problems.push(problem),
    ...options,
  });

  const prepare: PluginPage['prepare'] = (plugins, generation = lastGeneration + 1) => {
    lastGeneration = generation;
    const items = plugins.map((plugin) => {
      if (!('evaluate' in plugin)) return plugin;
      const { name, build = '1.0.0-aaaaaaaaaaaa' } = plugin;
      served.set(`/plugins/hub-acme-${name}/${build}/main.js`, { ...plugin, build });
      return listing(plugin);
    });
    runtime = { generation, plugins: items };
  };

  return {
    loader,
    clock,
    problems,
    fetched,
    prepare,
    async show(plugins, generation) {
      prepare(plugins, generation);
      await loader.refresh();
      for (let turn = 0; turn < 20; turn += 1) await clock.settle();
    },
    status: (name) => loader.getSnapshot().find(({ id }) => id === idOf(name))?.status,
  };
}
