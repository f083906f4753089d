import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parsePolicy } from '../../src/core/policy.ts';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { createPluginManager } from '../../src/node/plugin-manager.ts';
import { createSources } from '../../src/node/sources/create-sources.ts';
import { archiveOf, host } from './manager-world.ts';

const pluginId = 'drop:acme/flux';
let folder = '';
let manager: PluginManager;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-source-'));
  await mkdir(join(folder, 'drop'));
  const archive = archiveOf('flux', '1.0.0');
  const annotations = {
    'headlamp/plugin/archive-url': 'flux.tgz',
    'headlamp/plugin/archive-checksum': `sha256:${createHash('sha256').update(archive).digest('hex')}`,
  };
  const plugin = { repo: 'acme', name: 'flux', repositoryId: 'r-1', versions: [{ version: '1.0.0', annotations }] };
  await writeFile(join(folder, 'drop', 'flux.tgz'), archive);
  await writeFile(join(folder, 'drop', 'index.json'), JSON.stringify({ schemaVersion: 1, plugins: [plugin] }));
  const policy = parsePolicy({ sources: [{ name: 'drop', kind: 'file', path: join(folder, 'drop', 'index.json') }] });
  const transport = createFetcher({ retries: 0 });
  const sources = createSources(policy, transport);
  manager = createPluginManager({ root: join(folder, 'store'), host, policy, sources, transport });
});
afterEach(async () => {
  await manager.dispose();
  await rm(folder, { recursive: true, force: true });
});

it('a folder that is not mounted any more is a source that does not answer: what was kept counts', async () => {
  await manager.install(pluginId);
  await manager.uninstall(pluginId);
  await rename(join(folder, 'drop'), join(folder, 'gone'));
  const failure = { code: 'E_NOT_FOUND', retryable: true, message: expect.not.stringContaining(folder) as string };
  await expect(manager.install(pluginId)).rejects.toMatchObject(failure);
  const { installed } = await manager.install(pluginId, { version: '1.0.0' });
  expect(installed.active.version).toBe('1.0.0');
});

it('rejects with E_CANCELLED where nobody waits any more, and a search says so of its source', async () => {
  const signal = AbortSignal.abort();
  await expect(manager.describe(pluginId, signal)).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await expect(manager.plan(pluginId, { signal })).rejects.toMatchObject({ code: 'E_CANCELLED' });
  const { failures } = await manager.search({}, signal);
  expect(failures).toMatchObject([{ source: 'drop', error: { code: 'E_CANCELLED' } }]);
});

it('what a verification finds is in the audit', async () => {
  const { installed } = await manager.install(pluginId);
  const files = join(folder, 'store', 'store', 'drop~acme~flux', installed.active.build, 'files');
  await writeFile(join(files, 'dist', 'main.js'), 'edited');
  await manager.verify(pluginId);
  await manager.repair(pluginId);
  const lines = (await readFile(join(folder, 'store', 'audit.jsonl'), 'utf8')).trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records.map(({ action, found }) => [action, found])).toEqual([
    ['install', undefined],
    ['verify', 'changed: dist/main.js'],
    ['repair', 'changed: dist/main.js'],
  ]);
});
