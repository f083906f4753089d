import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PluginList, PluginOperationView } from '@fleetwire/plugin-manager';
import { packPlugin, type PackedPlugin } from '@fleetwire/plugin-manager/node';
import type { Page } from 'playwright-core';
import { createCatalogServer, type CatalogServer, type CatalogVersion } from '@fleetwire/plugin-manager/testing';
import { password, type ServerProcess } from './server-process.ts';

/** A plugin of a test. */
export interface PluginSource {
  readonly name: string;
  readonly version?: string;
  readonly title?: string;
  readonly contributes?: object;
  /** What the catalog says is new. */
  readonly changes?: readonly string[];
  /** In the catalog; the title as a heading, unless told. */
  readonly readme?: string;
  /** The text of its module. */
  readonly module: string;
}

/** A catalog on this machine, and the policy of a server that has it as its only source, `lab`. */
export interface PluginLab {
  readonly catalog: CatalogServer;
  /** For the server's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Path of the policy. */
  readonly policy: string;
  /** Offers versions of one plugin as `lab:e2e/<name>`, the newest first. */
  publish(...versions: readonly [PluginSource, ...PluginSource[]]): Promise<void>;
  /** Offers the plugin of `examples/plugin` as `lab:e2e/images`. */
  publishExample(): Promise<void>;
  dispose(): Promise<void>;
}

const repo = 'e2e';

/** The id of a plugin of a lab. */
export function labId(name: string): string {
  return `lab:${repo}/${name}`;
}

/** Starts the catalog, which is empty. */
export async function startPluginLab(): Promise<PluginLab> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-plugins-'));
  const catalog = await createCatalogServer();
  const policy = join(folder, 'policy.json');
  const { url } = catalog;
  const sources = [{ name: 'lab', kind: 'artifact-hub', url, isLocal: true }];
  await writeFile(policy, JSON.stringify({ sources, hosts: [new URL(url).host] }));

  const offer = async ({ version, path }: PackedPlugin, changes?: readonly string[]): Promise<CatalogVersion> => ({
    version,
    archive: await readFile(path),
    ...(changes === undefined ? {} : { changes }),
  });
  return {
    catalog,
    env: { FLEETWIRE_PLUGIN_POLICY: policy },
    policy,
    async publish(newest, ...older) {
      const offerSource = async (source: PluginSource) => offer(await packSource(source, folder), source.changes);
      const { name, title = name, readme } = newest;
      const versions = [await offerSource(newest), ...(await Promise.all(older.map(offerSource)))] as const;
      catalog.put({ repo, name, title, versions, ...(readme === undefined ? {} : { readme }) });
    },
    async publishExample() {
      const example = dirname(fileURLToPath(import.meta.resolve('@fleetwire/example-plugin/package.json')));
      const packed = await packPlugin(example, { destination: join(folder, 'packed') });
      catalog.put({ repo, name: 'images', title: 'Images', versions: [await offer(packed)] });
    },
    async dispose() {
      await catalog.dispose();
      await rm(folder, { recursive: true });
    },
  };
}

async function packSource(source: PluginSource, folder: string): Promise<PackedPlugin> {
  const { name, version = '1.0.0', title = name, contributes, module } = source;
  const project = join(folder, 'sources', `${name}-${version}`);
  await mkdir(project, { recursive: true });
  const manifest = { name, version, title, fleetwire: { entry: './index.js', contributes } };
  await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(project, 'index.js'), module);
  return packPlugin(project, { destination: join(folder, 'packed') });
}

/** The module of a plugin that shows a text in a widget of the overview, from its activation on. */
export function widgetModule(text: string): string {
  return `import { createElement } from 'react';
export const plugin = {
  activate({ register }) {
    register('overviewWidget', {
      id: 'widget',
      title: 'Widget',
      component: () => createElement('p', { 'data-testid': 'widget' }, ${JSON.stringify(text)}),
    });
  },
};
`;
}

/** Calls about plugins under a sign-in, as a script would make them. */
export interface PluginCalls {
  list(): Promise<PluginList>;
  /** Resolves when it is installed; rejects with what it failed with. */
  install(pluginId: string, version?: string): Promise<void>;
  /** Resolves with the status, and the code where it is refused. */
  change(method: 'POST' | 'DELETE', path: string, body?: object): Promise<{ readonly status: number; code?: string }>;
}

/** Signs in and returns the calls. */
export async function callPlugins({ url }: Pick<ServerProcess, 'url'>, username = 'admin'): Promise<PluginCalls> {
  const login = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { accessToken } = (await login.json()) as { readonly accessToken: string };
  const authorization = `Bearer ${accessToken}`;
  const read = async (path: string): Promise<unknown> =>
    (await fetch(`${url}/api/v1${path}`, { headers: { authorization } })).json();
  const send = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization,
        'idempotency-key': randomUUID(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    list: async () => (await read('/plugins')) as PluginList,
    async install(id, version) {
      const response = await send('POST', '/plugins', { id, version });
      const started = (await response.json()) as { readonly operationId: string };
      if (response.status !== 202) throw new Error(`${id}: ${JSON.stringify(started)}`);
      for (;;) {
        const view = (await read(`/plugin-operations/${started.operationId}`)) as PluginOperationView;
        if (view.state === 'done') return;
        if (view.state === 'failed' || view.state === 'cancelled') throw new Error(JSON.stringify(view.failure));
        await setTimeout(50);
      }
    },
    async change(method, path, body) {
      const response = await send(method, path, body);
      if (response.ok) return { status: response.status };
      return { status: response.status, ...((await response.json()) as { readonly code: string }) };
    },
  };
}

/** Runs `fleetwire-plugin` on the store of a server that runs; rejects with what it printed when it fails. */
export async function runPluginCli(
  { folder }: Pick<ServerProcess, 'folder'>,
  { policy }: Pick<PluginLab, 'policy'>,
  ...args: readonly string[]
): Promise<void> {
  const main = fileURLToPath(
    new URL('dist/node/cli/main.js', import.meta.resolve('@fleetwire/plugin-manager/package.json')),
  );
  const host = ['--host-version', '0.1.0', '--distro', 'web'];
  const options = ['--root', join(folder, 'plugins'), '--policy', policy, ...(args[0] === 'install' ? host : [])];
  await promisify(execFile)(process.execPath, [main, ...args, ...options], {
    env: { PATH: process.env['PATH'] ?? '' },
  });
}

/** Errors of a page, and what its policy (CSP) has refused from now on. */
export async function watchTroubles(page: Page): Promise<readonly string[]> {
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) troubles.push(message.text());
  });
  await page.exposeFunction('reportViolation', (text: string) => troubles.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      const { reportViolation } = globalThis as unknown as { readonly reportViolation: (text: string) => void };
      reportViolation(`${violatedDirective}: ${blockedURI}`);
    });
  });
  return troubles;
}
