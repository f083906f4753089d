import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFetcher, type Fetcher } from '../../src/node/fetch/create-fetcher.ts';
import type { PluginAuditRecord } from '../../src/node/plugin-manager-interface.ts';
import type { PluginSource } from '../../src/node/sources/plugin-source.ts';
import type { PluginError } from '../../src/protocol/error.ts';
import { createWorld, type World } from './manager-world.ts';

const pluginId = 'hub:acme/app';
let world: World;
beforeEach(async () => {
  world = await createWorld();
  world.publish('app', { version: '1.0.0' });
});
afterEach(() => world.dispose());

it('a shutdown during a sync takes no pin away', async () => {
  const manager = world.open();
  await manager.install(pluginId);
  await manager.setPinned(pluginId, true);
  world.publish('app', { version: '2.0.0' }, { version: '1.0.0' });
  const file = join(world.root, 'plugins.yaml');
  await writeFile(file, `plugins:\n  - id: ${pluginId}\n    version: "2.0.0"\n    pinned: true\n`);
  const sync = manager.sync({
    file,
    onProgress: ({ type }) => {
      if (type === 'operation') void manager.dispose();
    },
  });
  await expect(sync).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await manager.dispose();
  const again = world.open();
  expect((await again.get(pluginId)).installed).toMatchObject({ isPinned: true, active: { version: '1.0.0' } });
  // The same sync without a shutdown never takes the pin away either.
  const actions: string[] = [];
  const last = world.open({
    audit: ({ action }) => {
      actions.push(action);
    },
  });
  await last.sync({ file });
  expect((await last.get(pluginId)).installed).toMatchObject({ isPinned: true, active: { version: '2.0.0' } });
  expect(actions).toEqual(['install']);
});

it('a dispose waits for changes, and ends searches', async () => {
  const manager = world.open();
  await manager.install(pluginId);
  let isEnded = false;
  const change = manager.setEnabled(pluginId, false).finally(() => {
    isEnded = true;
  });
  change.catch(() => undefined);
  await manager.dispose();
  expect(isEnded).toBe(true);
  await expect(manager.search({ query: 'a' })).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await expect(manager.describe(pluginId)).rejects.toMatchObject({ code: 'E_CANCELLED' });
});

it('the audit is told although its file cannot be written, of what was cancelled in the queue, and of repairs', async () => {
  const told: PluginAuditRecord[] = [];
  const manager = world.open({
    audit: (record) => {
      told.push(record);
    },
  });
  await manager.list();
  const file = join(world.root, 'audit.jsonl');
  await mkdir(file);
  const { installed, receipt } = await manager.install(pluginId, { actor: 'ada' });
  expect(told).toMatchObject([
    {
      action: 'install',
      outcome: 'done',
      actor: 'ada',
      to: '1.0.0',
      build: installed.active.build,
      sha256: receipt.sha256,
    },
  ]);
  await rm(file, { recursive: true });
  const first = manager.verify(pluginId);
  const second = manager.uninstall(pluginId);
  second.cancel();
  await first;
  await expect(second).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await manager.repair();
  await vi.waitFor(() => {
    expect(told.map(({ action, outcome }) => `${action} ${outcome}`).toSorted()).toEqual(
      ['install done', 'repair done', 'uninstall cancelled', 'verify done'].toSorted(),
    );
  });
  await manager.uninstall(pluginId);
  expect(told.at(-1)).toMatchObject({ action: 'uninstall', from: '1.0.0' });
});

it('of what downloads or hashes four run at once, the others wait in the order in which they came; nothing else waits', async () => {
  const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'];
  for (const name of names) world.publish(name, { version: '1.0.0' });
  const fetcher = createFetcher({ retries: 0 });
  const gates = new Map<string, () => void>();
  let isOpen = true;
  const transport: Pick<Fetcher, 'download'> = {
    async download(request) {
      const name = /acme\/(\w+)/.exec(request.url)?.[1] ?? request.url;
      if (!isOpen) await new Promise<void>((resolve) => gates.set(name, resolve));
      return fetcher.download(request);
    },
  };
  const manager = world.open({ transport });
  await manager.install(pluginId);
  isOpen = false;
  const installs = names.map((name) => manager.install(`hub:acme/${name}`));
  const begun = (): string[] => [...gates.keys()].toSorted();
  await vi.waitFor(() => {
    expect(begun()).toEqual(['a1', 'a2', 'a3', 'a4']);
  });
  const check = manager.verify(pluginId);
  // What downloads nothing is done while four downloads stand.
  await manager.setEnabled(pluginId, false);
  await manager.setPinned(pluginId, true);
  expect(begun()).toHaveLength(4);
  const latest = () => [...installs.slice(4), check].map((operation) => operation.latest.type);
  expect(latest()).toEqual(['queued', 'queued', 'queued', 'queued']);
  // One that leaves the line takes no place.
  installs[4]?.cancel();
  await expect(installs[4]).rejects.toMatchObject({ code: 'E_CANCELLED' });
  gates.get('a2')?.();
  await installs[1];
  await vi.waitFor(() => {
    expect(begun()).toEqual(['a1', 'a2', 'a3', 'a4', 'a6']);
  });
  expect(latest().slice(2)).toEqual(['queued', 'queued']);
  await manager.uninstall('hub:acme/a2');
  isOpen = true;
  for (const open of gates.values()) open();
  await Promise.all([...installs.slice(0, 4), ...installs.slice(5), check]);
  expect((await manager.list()).map(({ folderName }) => folderName.split('~').at(-1))).toEqual([
    'a1',
    'a3',
    'a4',
    'a6',
    'a7',
    'app',
  ]);
});

it('a shutdown ends what waits for a place, and everything that waits is in the audit', async () => {
  const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
  for (const name of names) world.publish(name, { version: '1.0.0' });
  const told: string[] = [];
  let downloads = 0;
  const manager = world.open({
    audit: ({ action, outcome }) => {
      told.push(`${action} ${outcome}`);
    },
    transport: {
      download: ({ signal }) => {
        downloads += 1;
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
      },
    },
  });
  const installs = names.map((name) => manager.install(`hub:acme/${name}`));
  await vi.waitFor(() => {
    expect(downloads).toBe(4);
  });
  await manager.dispose();
  const ends = await Promise.allSettled(installs);
  expect(ends.map((end) => end.status === 'rejected' && (end.reason as PluginError).code)).toEqual(
    names.map(() => 'E_CANCELLED'),
  );
  expect(told).toEqual(names.map(() => 'install cancelled'));
  expect(downloads).toBe(4);
});

it('a search that a source does not answer ends with the manager', async () => {
  const source: PluginSource = {
    name: 'hub',
    search: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      }),
    describe: () => Promise.reject(new Error('not asked')),
    release: () => Promise.reject(new Error('not asked')),
  };
  const manager = world.open({ sources: [source] });
  const search = manager.search({ query: 'a' });
  const ended = expect(search).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await manager.dispose();
  await ended;
});
