import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PluginError, type PluginPhase } from '../protocol/error.ts';
import type { PluginErrorCode } from '../protocol/error-codes.ts';
import { defaultLimits } from '../protocol/limits.ts';
import type { Release } from '../protocol/release.ts';
import type { InstalledState, PluginState } from '../protocol/state.ts';
import type { CommitDecision, InstallPorts } from './install-pipeline-ports.ts';
import type { InstallRequest } from './install-checks.ts';
import { runInstall } from './install-pipeline.ts';
import type { OperationContext } from './operation.ts';

const ref = { source: 'hub', repo: 'acme', name: 'flux' };
const pluginId = 'hub:acme/flux';
const sha256 = 'ab'.repeat(32);

const release: Release = {
  ref,
  version: '1.1.0',
  repositoryId: 'repo-1',
  archiveUrl: 'https://example.org/flux.tgz',
  digest: { algorithm: 'sha256', hex: sha256 },
  isPrerelease: false,
  extraFiles: [],
};

const old: InstalledState = {
  active: { version: '1.0.0', build: `1.0.0-${'c'.repeat(12)}`, sha256: 'c'.repeat(64), installedAt: 1 },
  previous: [],
  isEnabled: false,
  isPinned: false,
  publisher: { repositoryId: 'repo-1', packageName: 'flux', keyId: 'key-1' },
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'install-pipeline-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const packageJson = { name: 'flux', version: '1.1.0', title: 'Flux', fleetwire: { entry: 'main.js' } };

/** Parts that all agree; what was committed is in `commits`. */
function setUp({
  installed,
  manifest = JSON.stringify(packageJson),
}: { installed?: InstalledState; manifest?: string | Buffer } = {}) {
  const state: PluginState = {
    schemaVersion: 1,
    generation: 1,
    plugins: installed === undefined ? {} : { [pluginId]: installed },
  };
  const decisions: CommitDecision[] = [];
  const commits = vi.fn<InstallPorts['store']['commit']>(async (_, receipt, decide) => {
    const decision = decide((await ports.store.state()).plugins[pluginId]);
    decisions.push(decision);
    const { publisher, isEnabled = true } = decision;
    const { version, installedAt } = receipt;
    const active = { version, build: 'x', sha256: receipt.sha256, installedAt };
    return { ...old, active, publisher, isEnabled };
  });
  const ports = {
    host: { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' },
    limits: defaultLimits,
    policy: {
      checkPlugin: vi.fn(),
      checkVersion: vi.fn(),
      checkPublisher: vi.fn<InstallPorts['policy']['checkPublisher']>(() => []),
      extraFilesOf: vi.fn(() => release.extraFiles),
      verifySignature: vi.fn(() => Promise.resolve<string | undefined>('key-1')),
    },
    store: {
      state: vi.fn(() => Promise.resolve(state)),
      verify: vi.fn(() => Promise.resolve({ build: 'x', isIntact: true })),
      receipt: vi.fn<InstallPorts['store']['receipt']>(),
      setEnabled: vi.fn<InstallPorts['store']['setEnabled']>(),
      stage: vi.fn(async () => {
        const path = join(root, 'staging', 'files');
        await mkdir(path, { recursive: true });
        const discard = () => rm(join(root, 'staging'), { recursive: true, force: true });
        return { path, archivePath: join(root, 'staging', 'archive.part'), discard };
      }),
      commit: commits,
      cache: {
        find: vi.fn(() => Promise.resolve<string | undefined>(undefined)),
        findRelease: vi.fn<InstallPorts['store']['cache']['findRelease']>(() => Promise.resolve(undefined)),
        keep: vi.fn((path: string) => Promise.resolve(path)),
        remember: vi.fn(() => Promise.resolve()),
      },
    },
    checkArchiveUrl: vi.fn(),
    resolve: vi.fn(() =>
      Promise.resolve({ release, notChecked: ['the package does not say for which distributions it is'] }),
    ),
    download: vi.fn<InstallPorts['download']>(async ({ destination, onBytes }) => {
      await writeFile(destination, 'archive');
      onBytes(7, 7);
      return { bytes: 7, sha256, urlChain: [release.archiveUrl] };
    }),
    downloadExtraFile: vi.fn<InstallPorts['downloadExtraFile']>(),
    planArchive: vi.fn<InstallPorts['planArchive']>(() =>
      Promise.resolve({
        topFolder: 'flux',
        files: [
          { path: 'package.json', size: manifest.length, index: 0 },
          { path: 'main.js', size: 1, index: 1 },
        ],
        directories: [],
        totalBytes: manifest.length + 1,
      }),
    ),
    extractArchive: vi.fn<InstallPorts['extractArchive']>(async (_path, _plan, destination) => {
      await writeFile(join(destination, 'package.json'), manifest);
      return [{ path: 'package.json', size: manifest.length, sha256, integrity: 'sha384-x' }];
    }),
    now: () => 42,
  } satisfies InstallPorts;
  const phases: PluginPhase[] = [];
  const warnings: string[] = [];
  const controller = new AbortController();
  const context: OperationContext = {
    signal: controller.signal,
    enter: (phase) => phases.push(phase),
    onBytes: vi.fn(),
    warn: (message) => warnings.push(message),
  };
  const run = (request: Partial<InstallRequest> = {}) =>
    runInstall({ ref, mode: installed === undefined ? 'install' : 'update', ...request }, ports, context);
  return { ports, phases, warnings, controller, context, commits, decisions, run };
}

const isStagingLeft = async () => (await readdir(root)).includes('staging');

it('goes through every phase in order, and commits a receipt of what it saw', async () => {
  const { run, phases, warnings, commits, decisions, ports } = setUp();
  const { installed, receipt } = await run();
  expect(phases).toEqual([
    'resolve',
    'policy',
    'download',
    'integrity',
    'signature',
    'inspect',
    'extract',
    'manifest',
    'compat',
    'commit',
    'cleanup',
  ]);
  expect(receipt).toMatchObject({
    ref,
    version: '1.1.0',
    packageName: 'flux',
    title: 'Flux',
    entry: 'main.js',
    sha256,
    archiveBytes: 7,
    installedAt: 42,
  });
  expect(commits).toHaveBeenCalledOnce();
  expect(decisions).toEqual([
    { publisher: { repositoryId: 'repo-1', packageName: 'flux', keyId: 'key-1' }, isEnabled: undefined },
  ]);
  expect(installed.active.version).toBe('1.1.0');
  expect(warnings).toEqual(['not checked: the package does not say for which distributions it is']);
  expect(ports.store.cache.keep).toHaveBeenCalledWith(join(root, 'staging', 'archive.part'), sha256);
  expect(await isStagingLeft()).toBe(false);
});

const refuse = (code: PluginErrorCode, phase: PluginPhase) => () => {
  throw new PluginError(code, 'refused by the test', { phase });
};

type Ports = ReturnType<typeof setUp>['ports'];
it.each<readonly [PluginPhase, PluginErrorCode, (ports: Ports, fail: () => never) => unknown]>([
  ['policy', 'E_PLUGIN_DENIED', (ports, fail) => ports.policy.checkPlugin.mockImplementation(fail)],
  ['resolve', 'E_NOT_FOUND', (ports, fail) => ports.resolve.mockImplementation(fail)],
  ['policy', 'E_DOWNGRADE_DENIED', (ports, fail) => ports.policy.checkVersion.mockImplementation(fail)],
  ['policy', 'E_PUBLISHER_CHANGED', (ports, fail) => ports.policy.checkPublisher.mockImplementation(fail)],
  ['policy', 'E_EXTRA_FILES_DENIED', (ports, fail) => ports.policy.extraFilesOf.mockImplementation(fail)],
  ['commit', 'E_STORE_FULL', (ports, fail) => ports.store.stage.mockImplementation(fail)],
  ['download', 'E_NETWORK', (ports, fail) => ports.download.mockImplementation(fail)],
  ['signature', 'E_SIGNATURE_INVALID', (ports, fail) => ports.policy.verifySignature.mockImplementation(fail)],
  ['inspect', 'E_ENTRY_TYPE', (ports, fail) => ports.planArchive.mockImplementation(fail)],
  ['extract', 'E_STORE_FULL', (ports, fail) => ports.extractArchive.mockImplementation(fail)],
  ['commit', 'E_STORE_UNWRITABLE', (ports, fail) => ports.store.commit.mockImplementation(fail)],
])('leaves nothing in staging when %s fails with %s', async (phase, code, arrange) => {
  const { run, ports, commits } = setUp({ installed: old });
  arrange(ports, refuse(code, phase));
  await expect(run()).rejects.toMatchObject({ code, phase });
  expect(await isStagingLeft()).toBe(false);
  if (ports.store.commit.mock.results.every(({ type }) => type !== 'throw')) expect(commits).not.toHaveBeenCalled();
});

it.each<readonly [string, string | Buffer, PluginErrorCode]>([
  ['is no JSON', '<html>', 'E_MANIFEST_INVALID'],
  ['is no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'E_MANIFEST_INVALID'],
  ['has another version', JSON.stringify({ ...packageJson, version: '9.0.0' }), 'E_MANIFEST_MISMATCH'],
  [
    'names an entry that is not there',
    JSON.stringify({ ...packageJson, fleetwire: { entry: 'a.js' } }),
    'E_ENTRY_MISSING',
  ],
  ['names an entry outside', JSON.stringify({ ...packageJson, fleetwire: { entry: '../a.js' } }), 'E_PATH_TRAVERSAL'],
  ['is for other hosts', JSON.stringify({ ...packageJson, engines: { fleetwire: '^9.0.0' } }), 'E_INCOMPATIBLE_HOST'],
])('commits nothing when package.json %s', async (_, manifest, code) => {
  const { run, commits } = setUp({ installed: old, manifest });
  await expect(run()).rejects.toMatchObject({ code });
  expect(commits).not.toHaveBeenCalled();
  expect(await isStagingLeft()).toBe(false);
});

it.each<PluginPhase>(['download', 'extract', 'compat'])('commits nothing once it is cancelled in %s', async (phase) => {
  const { run, context, controller, commits } = setUp({ installed: old });
  const { enter } = context;
  Object.assign(context, {
    enter: (entered: PluginPhase) => {
      enter(entered);
      if (entered === phase) controller.abort(new PluginError('E_CANCELLED', 'enough', { phase }));
    },
  });
  await expect(run()).rejects.toMatchObject({ code: 'E_CANCELLED', phase });
  expect(commits).not.toHaveBeenCalled();
  expect(await isStagingLeft()).toBe(false);
});

it('takes an archive that the cache has, and asks no server for it', async () => {
  const { run, ports } = setUp();
  const cached = join(root, 'cached.tgz');
  await writeFile(cached, 'archive');
  ports.store.cache.findRelease.mockResolvedValue({ path: cached, sha256, urlChain: [] });
  const { receipt } = await run();
  expect(receipt).toMatchObject({ sha256, archiveBytes: 7 });
  expect(ports.download).not.toHaveBeenCalled();
  // A link to it, which stays where the cache lets the archive go.
  expect(ports.planArchive.mock.calls[0]?.[0]).toBe(join(root, 'staging', 'archive.part'));
  expect(ports.store.cache.keep).not.toHaveBeenCalled();
});

it('downloads an archive that another process lets go of just when the cache has found it', async () => {
  const { run, ports } = setUp();
  ports.store.cache.findRelease.mockResolvedValue({ path: join(root, 'gone.tgz'), sha256, urlChain: [] });
  expect(await run()).toMatchObject({ receipt: { sha256 } });
  expect(ports.download).toHaveBeenCalledOnce();
});

it('does not believe a download of other bytes', async () => {
  const { run, ports } = setUp();
  ports.download.mockResolvedValue({ bytes: 7, sha256: 'cd'.repeat(32), urlChain: [] });
  await expect(run()).rejects.toMatchObject({ code: 'E_INTEGRITY', phase: 'integrity' });
});

it('keeps what an update must not change: whether it is enabled, and the key that nobody looked at', async () => {
  const { run, ports, decisions } = setUp({ installed: old });
  ports.policy.verifySignature.mockResolvedValue(undefined);
  await run();
  expect(decisions).toEqual([{ publisher: old.publisher, isEnabled: undefined }]);
});

it('tells of what was accepted of another publisher, and gives up a key alone where that was accepted', async () => {
  const { run, ports, decisions } = setUp({ installed: { ...old, publisher: { ...old.publisher, keyId: 'key-0' } } });
  ports.policy.verifySignature.mockResolvedValue(undefined);
  await run({ acceptPublisher: true });
  expect(ports.policy.checkPublisher.mock.lastCall?.[1]).toMatchObject({ accepted: true });
  expect(decisions.at(-1)?.publisher.keyId).toBe('key-0');
  const change = { what: 'keyId', expected: 'key-0' } as const;
  ports.policy.checkPublisher.mockReturnValue([change]);
  const acceptPublisher = { repositoryId: release.repositoryId, keyId: null };
  expect(await run({ acceptPublisher })).toMatchObject({ acceptedChanges: [change] });
  expect(decisions.at(-1)?.publisher.keyId).toBeUndefined();
});

it('refuses to update what is not installed, is pinned, or is as new as it can be', async () => {
  await expect(setUp().run({ mode: 'update' })).rejects.toMatchObject({ code: 'E_NOT_INSTALLED' });
  await expect(setUp({ installed: { ...old, isPinned: true } }).run()).rejects.toMatchObject({ code: 'E_PINNED' });
  const newest = { ...old, active: { ...old.active, version: '1.1.0' } };
  await expect(setUp({ installed: newest }).run()).rejects.toMatchObject({ code: 'E_UP_TO_DATE' });
});

it('installs although the archive cannot be kept for later, and says so', async () => {
  const { run, ports, warnings } = setUp();
  ports.store.cache.keep.mockRejectedValue(new Error('no space'));
  await run();
  expect(warnings.at(-1)).toBe('the archive is not kept for later: no space');
});
