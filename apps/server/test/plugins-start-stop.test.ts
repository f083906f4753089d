import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { PluginList, PluginOperationView, PluginRuntime } from '@fleetwire/plugin-manager';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../src/config/schema.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { pluginArchive, startTestCatalog } from '../src/testing/plugins.ts';
import { callAs, runProgram, signIn, startTestServer } from '../src/testing/running.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function start(config: Partial<Config>) {
  const server = await startTestServer(config);
  undo.push(() => server.dispose());
  const { accessToken } = await signIn(server.url);
  const call = (method: string, path: string, body?: unknown) =>
    callAs(accessToken, method, `${server.url}/api/v1/${path}`, body, { 'idempotency-key': randomUUID() });
  const get = async <T>(path: string) => (await call('GET', path)).body as T;
  const begin = async (method: string, path: string, body?: unknown) =>
    ((await call(method, path, body)).body as { readonly operationId: string }).operationId;
  const ended = (id: string) =>
    vi.waitFor(async () => {
      const view = await get<PluginOperationView>(`plugin-operations/${id}`);
      expect(view.endedAt).toBeDefined();
      return view;
    });
  return { server, get, begin, ended };
}

async function startWithCatalog(drainDeadlineMs: number) {
  const catalog = await startTestCatalog();
  undo.push(() => catalog.dispose());
  catalog.put({ repo: 'tests', name: 'x', versions: [{ version: '1.0.0', archive: pluginArchive('x', '1.0.0') }] });
  const dataDir = newFolder();
  const config = { ...catalog.config, dataDir, drainDeadlineMs };
  return { catalog, config, ...(await start(config)) };
}

const running = (get: <T>(path: string) => Promise<T>, id: string) =>
  vi.waitFor(async () => {
    expect(await get(`plugin-operations/${id}`)).toMatchObject({ state: 'running', phase: 'download' });
  });

describe('a server that stops', () => {
  it('lets what is under way end, and has it when it starts again', async () => {
    const { catalog, config, server, get, begin } = await startWithCatalog(10_000);
    const release = catalog.fail('/archives/tests/x', { kind: 'held' });
    await running(get, await begin('POST', 'plugins', { id: 'hub:tests/x' }));
    const drained = server.drain();
    release();
    await drained;
    const again = await start(config);
    expect(statSync(join(config.dataDir, 'plugins')).mode & 0o777).toBe(0o700);
    expect((await again.get<PluginList>('plugins')).items).toMatchObject([
      { id: 'hub:tests/x', version: '1.0.0', status: 'ok' },
    ]);
  });

  it('does not wait for somebody who asks for a file and does not read it', async () => {
    const { catalog, config, server, get, begin, ended } = await startWithCatalog(10_000);
    const large = `export const text = '${randomBytes(8_388_608).toString('hex')}';\n`;
    catalog.put({
      repo: 'tests',
      name: 'l',
      versions: [{ version: '1.0.0', archive: pluginArchive('l', '1.0.0', large) }],
    });
    expect(await ended(await begin('POST', 'plugins', { id: 'hub:tests/l' }))).toMatchObject({ state: 'done' });
    const [ready] = (await get<PluginRuntime>('plugins/runtime')).plugins;
    if (ready?.status !== 'ready') throw new Error(JSON.stringify(ready));
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => undefined).pause();
    socket.write(`GET ${ready.entry.url} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    await once(socket, 'readable');
    const startedAt = performance.now();
    await server.drain();
    expect(performance.now() - startedAt).toBeLessThan(config.drainDeadlineMs / 2);
    socket.destroy();
  });

  it('cancels at the deadline what does not end, and leaves nothing of it but its entry in the audit log', async () => {
    const { catalog, config, server, get, begin } = await startWithCatalog(300);
    catalog.fail('/archives/tests/x', { kind: 'silent' });
    await running(get, await begin('POST', 'plugins', { id: 'hub:tests/x' }));
    await server.drain();
    const again = await start(config);
    expect((await again.get<PluginList>('plugins')).items).toEqual([]);
    const { items } = await again.get<{ readonly items: readonly { readonly action: string }[] }>('audit');
    expect(items.map(({ action }) => action)).toContain('plugin.install.cancelled');
  });
});

describe('a store that is not in order', () => {
  it('takes no page with it, and is told by its code, not by where it is', async () => {
    const dataDir = newFolder();
    mkdirSync(join(dataDir, 'plugins'));
    writeFileSync(join(dataDir, 'plugins', 'state.json'), '{');
    const { server, get } = await start({ dataDir });
    const problem = await get<object>('plugins');
    expect(problem).toMatchObject({ status: 500, code: 'E_STATE_CORRUPT', phase: 'resolve', retryable: false });
    expect(JSON.stringify(problem)).not.toContain(dataDir);
    const page = await fetch(server.url);
    expect([page.status, (await page.text()).includes('"@fleetwire/plugin-manager/sdk"')]).toEqual([200, true]);
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      expect.objectContaining({ plugins: { ok: true, failure: 'E_STATE_CORRUPT' } }) as object,
    ]);
  });
});

describe('the demo', () => {
  it('has a catalog of its own: an update and the way back, and one that does not fit, without the Internet', async () => {
    const pluginPolicy = join(newFolder(), 'policy.yaml');
    writeFileSync(pluginPolicy, 'sources: []\n');
    const { get, begin, ended } = await start({ demo: 'on', pluginPolicy });
    expect(await get('plugin-catalog/search')).toMatchObject({ total: 3, failures: [] });
    const install = async (id: string, version?: string) => ended(await begin('POST', 'plugins', { id, version }));
    const first = await install('demo:demo/clock', '1.0.0');
    // Everything could be checked: the packages name the versions and the kind of host that they are for.
    expect(first).toMatchObject({ state: 'done', version: '1.0.0', warnings: [] });
    expect(await get('plugin-updates')).toMatchObject({
      items: [{ state: 'available', version: '1.1.0', changes: [{ kind: 'added' }, { kind: 'changed' }] }],
    });
    expect(await get('plugin-catalog/demo/demo/clock')).toMatchObject({
      readme: expect.stringContaining('## Try an update') as string,
      versions: [{ publishedAt: Date.UTC(2026, 9, 5) }, { publishedAt: Date.UTC(2026, 8, 14) }],
    });
    expect(await install('demo:demo/cluster-states')).toMatchObject({ state: 'done' });
    const clock = 'plugins/demo~demo~clock';
    expect(await ended(await begin('POST', `${clock}/update`))).toMatchObject({ state: 'done', version: '1.1.0' });
    expect(await ended(await begin('POST', `${clock}/rollback`))).toMatchObject({ state: 'done', version: '1.0.0' });
    expect(await get('plugins/runtime')).toMatchObject({ plugins: [{ status: 'ready' }, { status: 'ready' }] });
    expect(await install('demo:demo/from-the-future')).toMatchObject({
      state: 'failed',
      failure: { code: 'E_INCOMPATIBLE_HOST' },
    });
  });

  it('is not there where it is off', async () => {
    const pluginPolicy = join(newFolder(), 'policy.yaml');
    writeFileSync(pluginPolicy, 'sources: []\n');
    const { get } = await start({ demo: 'off', pluginPolicy });
    expect(await get('plugin-catalog/search')).toMatchObject({ total: 0, failures: [] });
  });
});

describe('a policy that is none', () => {
  it.each([[[]], [['config', 'check']]])('stops `fleetwire %j` with 2, by its file and key', async (words) => {
    const pluginPolicy = join(newFolder(), 'policy.yaml');
    writeFileSync(pluginPolicy, 'signature: loud\n');
    const args = ['--port', '0', '--tls-port', 'off', '--data-dir', newFolder(), '--plugin-policy', pluginPolicy];
    const program = runProgram([...words, ...args]);
    expect((await program.exited).code).toBe(2);
    expect(program.stderr.join('\n')).toContain(`fleetwire: pluginPolicy: ${pluginPolicy}: policy signature: `);
  });
});
