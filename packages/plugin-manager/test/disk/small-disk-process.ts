import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import { createPluginManager } from '../../src/node/plugin-manager.ts';
import { createSources } from '../../src/node/sources/create-sources.ts';
import { PluginError } from '../../src/protocol/error.ts';
import { crashHost, crashPolicy, pluginIds } from '../crash/crash-catalog.ts';

/** What came of an update with so much space left on the disk. */
export interface SmallDiskRound {
  readonly freeBytes: number;
  /** Of the error; absent: done. */
  readonly code?: string | undefined;
  readonly status: string;
  readonly version: string;
  readonly isIntact: boolean;
  readonly staged: number;
  /** Of an update with all the space, and of the rollback after it. */
  readonly after: string;
  readonly rolledBack: string;
}

/** What came of changes on a disk that is read-only. */
export interface ReadOnlyRound {
  readonly codes: readonly string[];
  readonly status: string;
  readonly runtime: string;
}

/** A program of the machine, which no package brings. */
const mountTool = 'mount';

// `<mount point> <catalog> <most bytes that are left> <step>`: works on a store on a small disk of its own.
const [disk = '', catalog = '', mostBytes = '0', stepBytes = '1'] = process.argv.slice(2);
const [pluginId] = pluginIds;
const root = join(disk, 'root');
const ballast = join(disk, 'ballast');
const policy = crashPolicy(catalog);
const transport = createFetcher({ retries: 0 });
const open = () =>
  createPluginManager({
    root,
    host: crashHost,
    policy,
    sources: createSources(policy, transport),
    transport,
  });
const codeOf = (error: unknown): string => (error instanceof PluginError ? error.code : String(error));
const failure = (work: PromiseLike<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => codeOf(error),
  );

/** Takes all space but so much. */
async function leave(bytes: number): Promise<number> {
  await rm(ballast, { force: true });
  const { bavail, bsize } = await statfs(disk);
  await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
  const left = await statfs(disk);
  return left.bavail * left.bsize;
}

async function staged(): Promise<number> {
  const staging = join(root, 'staging');
  const places = await Promise.all((await readdir(staging)).map((token) => readdir(join(staging, token))));
  return places.flat().length;
}

await mkdir(root);
let manager = open();
await manager.install(pluginId, { version: '1.0.0' });
for (let bytes = 0; bytes <= Number(mostBytes); bytes += Number(stepBytes)) {
  // No archive of an earlier round may save a download.
  await rm(join(root, 'cache'), { recursive: true });
  await mkdir(join(root, 'cache'));
  const freeBytes = await leave(bytes);
  const code = await failure(manager.update(pluginId, { version: '1.1.0' }));
  const { status, installed } = await manager.get(pluginId);
  const { isIntact } = await manager.verify(pluginId);
  const round = { freeBytes, code, status, version: installed.active.version, isIntact, staged: await staged() };
  await rm(ballast);
  if (round.version === '1.0.0') await manager.update(pluginId, { version: '1.1.0' });
  const after = (await manager.get(pluginId)).installed.active.version;
  await manager.rollback(pluginId);
  const rolledBack = (await manager.get(pluginId)).installed.active.version;
  print({ ...round, after, rolledBack });
}
await manager.dispose();

const remounted = spawnSync(mountTool, ['-o', 'remount,ro', disk]);
if (remounted.status !== 0) throw new Error(remounted.stderr.toString());
manager = open();
const codes = [
  await failure(manager.update(pluginId)),
  await failure(manager.uninstall(pluginId)),
  await failure(manager.setEnabled(pluginId, false)),
  await failure(manager.install(pluginIds[1])),
].map(String);
const { status } = await manager.get(pluginId);
print({ codes, status, runtime: (await manager.runtime()).plugins[0]?.status ?? '' });
await manager.dispose();

function print(round: SmallDiskRound | ReadOnlyRound): void {
  process.stdout.write(`${JSON.stringify(round)}\n`);
}
