import { spawnSync } from 'node:child_process';
import { readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { createPluginManager } from '../../src/node/plugin-manager.ts';
import { createSources } from '../../src/node/sources/create-sources.ts';
import { folderNameOf } from '../../src/core/state/folder-names.ts';
import { PluginError } from '../../src/protocol/error.ts';
import { crashHost, crashPolicy, pluginIds } from '../crash/crash-catalog.ts';

/** What a manager says that was opened on a disk that it cannot write to, and then once it can. */
export interface LateDiskRound {
  readonly name: string;
  /** Of plugins: how they are, and their versions. */
  readonly before: readonly string[];
  /** Of changes; `done` for what was done. */
  readonly codes: readonly string[];
  /** The same changes. */
  readonly later: readonly string[];
  readonly after: readonly string[];
}

/** What came of the removal of a plugin from a full disk. */
export interface FullDiskRemoval {
  readonly name: 'removed';
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A program of the machine, which no package brings. */
const mountTool = 'mount';

// `<mount point> <catalog>`: opens stores on a small disk of its own while that is full, or read-only.
const [disk = '', catalog = ''] = process.argv.slice(2);
const [pluginId] = pluginIds;
const ballast = join(disk, 'ballast');
const policy = crashPolicy(catalog);
const transport = createFetcher({ retries: 0 });
const open = (name: string): PluginManager =>
  createPluginManager({
    root: join(disk, name, 'root'),
    host: crashHost,
    policy,
    sources: createSources(policy, transport),
    transport,
  });

async function plugins(manager: PluginManager): Promise<readonly string[]> {
  return (await manager.list()).map((plugin) =>
    plugin.managed ? `${plugin.status} ${plugin.installed.active.version}` : 'a folder',
  );
}

async function changes(manager: PluginManager): Promise<readonly string[]> {
  const codes: string[] = [];
  for (const change of [
    () => manager.install(pluginId, { version: '1.0.0' }),
    () => manager.setPinned(pluginId, true),
  ]) {
    try {
      await change();
      codes.push('done');
    } catch (error) {
      codes.push(error instanceof PluginError ? error.code : String(error));
    }
  }
  return codes;
}

function remount(mode: 'ro' | 'rw'): void {
  const { status, stderr } = spawnSync(mountTool, ['-o', `remount,${mode}`, disk]);
  if (status !== 0) throw new Error(stderr.toString());
}

async function round(name: string, becomeBad: () => unknown, becomeGood: () => unknown): Promise<void> {
  await becomeBad();
  const manager = open(name);
  const before = await plugins(manager);
  const codes = await changes(manager);
  await becomeGood();
  const later = await changes(manager);
  const found: LateDiskRound = { name, before, codes, later, after: await plugins(manager) };
  await manager.dispose();
  process.stdout.write(`${JSON.stringify(found)}\n`);
}

/** Removes the plugin from a disk that is full to the last byte, with no archive that could make room. */
async function removeFromFull(name: string): Promise<void> {
  const root = join(disk, name, 'root');
  for (const archive of await readdir(join(root, 'cache'))) await rm(join(root, 'cache', archive));
  await fill();
  const manager = open(name);
  const before = await plugins(manager);
  await manager.uninstall(pluginId);
  const after = await plugins(manager);
  await manager.dispose();
  await empty();
  process.stdout.write(`${JSON.stringify({ name: 'removed', before, after } satisfies FullDiskRemoval)}\n`);
}

async function fill(): Promise<void> {
  const { bavail, bsize } = await statfs(disk);
  await writeFile(ballast, Buffer.alloc(bavail * bsize));
}
const empty = () => rm(ballast);

const first = open('old');
await first.install(pluginId, { version: '1.0.0' });
const { installed } = await first.update(pluginId, { version: '1.1.0' });
await first.dispose();
// A start has to go back to the version before, which it writes down.
await rm(join(disk, 'old', 'root', 'store', folderNameOf(pluginId), installed.active.build), { recursive: true });

await round('old', fill, empty);
await removeFromFull('old');
await round('new on a full disk', fill, empty);
await round(
  'new on a read-only disk',
  () => {
    remount('ro');
  },
  () => {
    remount('rw');
  },
);
