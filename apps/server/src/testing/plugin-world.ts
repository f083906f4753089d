import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { PluginOperationView } from '@fleetwire/plugin-manager';
import type { Logger } from '@fleetwire/websocket-core/server';
import { expect, vi } from 'vitest';
import { openAccountStore } from '../accounts/account-store.ts';
import { createPasswordHasher } from '../accounts/password.ts';
import type { Config } from '../config/schema.ts';
import { openDatabase } from '../database/open-database.ts';
import type { RunningServer } from '../start.ts';
import { newFolder } from './new-folder.ts';
import { pluginArchive, startTestCatalog, type TestCatalog } from './plugins.ts';
import { callAs, signIn, startTestServer } from './running.ts';

type Answer = Awaited<ReturnType<typeof callAs>>;

/** A server with a catalog, its administrator and a viewer; `dispose` stops both. */
export interface PluginWorld {
  readonly catalog: TestCatalog;
  readonly server: RunningServer;
  readonly dataDir: string;
  readonly admin: string;
  readonly viewer: string;
  /** Puts versions of a plugin in the catalog, the newest first. */
  publish(name: string, ...versions: readonly [string, ...string[]]): void;
  call(
    method: string,
    path: string,
    body?: unknown,
    options?: { readonly token?: string; readonly key?: string },
  ): Promise<Answer>;
  /** Waits for the end of an operation. */
  ended(operationId: string): Promise<PluginOperationView>;
  /** Installs what is in the catalog. */
  install(name: string, version?: string): Promise<PluginOperationView>;
  dispose(): Promise<void>;
}

const password = 'a password for all';

/** Starts them. */
export async function startPluginWorld(config: Partial<Config> = {}, logger?: Logger): Promise<PluginWorld> {
  const catalog = await startTestCatalog();
  const dataDir = newFolder();
  const server = await startTestServer({ dataDir, ...catalog.config, ...config }, logger);
  const database = await openDatabase({ sqlite: join(dataDir, 'fleetwire.db') }, (error) => {
    throw error;
  });
  const store = await openAccountStore(database, Date.now);
  const passwordHash = await createPasswordHasher({ ln: 4, r: 8, p: 1 }).hash(password);
  await store.addMember(store.home.id, { username: 'viewer', passwordHash, role: 'viewer' });
  await database.destroy();
  const admin = (await signIn(server.url)).accessToken;
  const viewer = (await signIn(server.url, 'viewer', password)).accessToken;

  const call: PluginWorld['call'] = (method, path, body, { token = admin, key = randomUUID() } = {}) =>
    callAs(token, method, `${server.url}/api/v1/${path}`, body, { 'idempotency-key': key });
  const ended = (operationId: string) =>
    vi.waitFor(async () => {
      const view = (await call('GET', `plugin-operations/${operationId}`)).body as PluginOperationView;
      expect(view.endedAt).toBeDefined();
      return view;
    });
  return {
    ...{ catalog, server, dataDir, admin, viewer, call, ended },
    publish(name, ...versions) {
      const [newest, ...older] = versions.map((version) => ({ version, archive: pluginArchive(name, version) }));
      if (newest !== undefined) catalog.put({ repo: 'tests', name, versions: [newest, ...older] });
    },
    async install(name, version) {
      const { body } = await call('POST', 'plugins', { id: `hub:tests/${name}`, version });
      return ended((body as { readonly operationId: string }).operationId);
    },
    async dispose() {
      await server.dispose();
      await catalog.dispose();
    },
  };
}
