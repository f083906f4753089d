import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { createCatalogServer } from '@fleetwire/plugin-manager/testing';
import { startChild } from '../child-calls.ts';
import type { Plan } from '../plan.ts';
import { packShape, type PluginShape } from '../plugins/archives.ts';
import { createRow, type Row } from '../rows.ts';
import { median } from '../statistics.ts';

const repo = 'bench';
const name = 'bench';
const version = '1.0.0';

interface Installed {
  readonly milliseconds: number;
  readonly mebibytes: number;
}

interface Round {
  readonly local: Installed;
  readonly download: Installed;
  /** Milliseconds of `tar -xzf` and `sha256sum`. */
  readonly tar: number;
  /** And of `sync` for each file. */
  readonly synced: number;
}

/** Whether there is something to stand beside. */
export const hasPrograms: boolean = process.platform === 'linux';

/** What installing a plugin costs beside unpacking its archive and hashing it, and the memory that it takes. */
export async function measurePluginInstall({ shapes, rounds }: Plan['pluginInstall']): Promise<Row[]> {
  if (!hasPrograms) {
    process.stderr.write('plugin-install: left out, as tar, sha256sum and sync of GNU are found on Linux alone\n');
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-bench-'));
  try {
    const rows: Row[] = [];
    for (const shape of shapes) rows.push(...(await measureShape(shape, rounds, folder)));
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureShape(shape: PluginShape, count: number, folder: string): Promise<Row[]> {
  const archive = join(folder, 'archive.tgz');
  await packShape(shape, archive);
  const bytes = await readFile(archive);
  await using catalog = await createCatalog(bytes);
  const index = join(folder, 'index.json');
  await writeFile(index, indexOf(bytes));
  const local = { sources: [{ name: 'bench', kind: 'file', path: index }] };
  const remote = {
    sources: [{ name: 'bench', kind: 'artifact-hub', url: catalog.url, isLocal: true }],
    hosts: [new URL(catalog.url).host],
  };
  const root = join(folder, 'plugins');
  const round = async (): Promise<Round> => ({
    local: await install(root, local),
    ...(await unpack(archive, join(folder, 'unpacked'))),
    download: await install(root, remote),
  });
  await round();
  const taken: Round[] = [];
  for (let number = 0; number < count; number += 1) taken.push(await round());
  return rowsOf(shape, taken);
}

function rowsOf({ id, title }: PluginShape, rounds: readonly Round[]): Row[] {
  const medianOf = (of: (round: Round) => number): number => median(rounds.map(of));
  const fleetwire = medianOf(({ local }) => local.milliseconds);
  const tar = { name: 'tar -xzf, sha256sum', value: medianOf((round) => round.tar) };
  return [
    createRow({
      id: `plugin-install-${id}`,
      title: `install, ${title}`,
      unit: 'ms',
      fleetwire,
      peer: tar,
      ratio: medianOf((round) => round.local.milliseconds / round.tar),
      bar: { kind: 'at-most', limit: 1.5 },
    }),
    createRow({
      id: `plugin-install-${id}-synced`,
      title: `install, ${title}`,
      unit: 'ms',
      fleetwire,
      peer: { name: 'the same, and sync', value: medianOf((round) => round.synced) },
      ratio: medianOf((round) => round.local.milliseconds / round.synced),
    }),
    createRow({
      id: `plugin-install-${id}-download`,
      title: `download and install, ${title}`,
      unit: 'ms',
      fleetwire: medianOf(({ download }) => download.milliseconds),
      peer: tar,
      ratio: medianOf((round) => round.download.milliseconds / round.tar),
    }),
    createRow({
      id: `plugin-install-${id}-memory`,
      title: `memory of an install, ${title}`,
      unit: 'MiB',
      fleetwire: medianOf(({ local }) => local.mebibytes),
      bar: { kind: 'at-most', limit: 40 },
    }),
    createRow({
      id: `plugin-install-${id}-download-memory`,
      title: `memory with the download, ${title}`,
      unit: 'MiB',
      fleetwire: medianOf(({ download }) => download.mebibytes),
      bar: { kind: 'at-most', limit: 40 },
    }),
  ];
}

/** In a process that has done nothing else, and a store that is empty. */
async function install(root: string, policy: object): Promise<Installed> {
  const child = startChild('./plugins/manager-process.ts');
  try {
    await child.call('open', { root, policy });
    const pluginId = `bench:${repo}/${name}`;
    const { milliseconds, bytes } = await child.call<{ milliseconds: number; bytes: number }>('install', { pluginId });
    return { milliseconds, mebibytes: bytes / 2 ** 20 };
  } finally {
    await child.dispose();
    await rm(root, { recursive: true, force: true });
  }
}

async function unpack(archive: string, folder: string): Promise<Pick<Round, 'tar' | 'synced'>> {
  await mkdir(folder);
  const run = promisify(execFile);
  try {
    const startedAt = performance.now();
    await run('tar', ['-xzf', archive, '-C', folder]);
    await run('sha256sum', [archive]);
    const tar = performance.now() - startedAt;
    await run('find', [folder, '-type', 'f', '-exec', 'sync', '{}', '+']);
    return { tar, synced: performance.now() - startedAt };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function createCatalog(archive: Uint8Array): Promise<AsyncDisposable & { readonly url: string }> {
  const server = await createCatalogServer([{ repo, name, versions: [{ version, archive }] }]);
  return { url: server.url, [Symbol.asyncDispose]: () => server.dispose() };
}

/** A static index beside the archive. */
function indexOf(archive: Uint8Array): string {
  const annotations = {
    'headlamp/plugin/archive-url': 'archive.tgz',
    'headlamp/plugin/archive-checksum': `SHA256:${createHash('sha256').update(archive).digest('hex')}`,
  };
  return JSON.stringify({
    schemaVersion: 1,
    plugins: [{ repo, name, repositoryId: 'bench', versions: [{ version, annotations }] }],
  });
}
