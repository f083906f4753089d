import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchivePlan } from '../core/archive-plan.ts';
import {
  checkEngines,
  checkManifest,
  findManifest,
  manifestPath,
  parseManifest,
  type PluginManifest,
} from '../core/manifest.ts';
import { parseVersion } from '../core/release-version.ts';
import { PluginError } from '../protocol/error.ts';
import { pluginIdOf, type PluginRef } from '../protocol/plugin-id.ts';
import type { Receipt, ReceiptFile } from '../protocol/receipt.ts';
import type { Release } from '../protocol/release.ts';
import type { InstalledState } from '../protocol/state.ts';
import type { DownloadedArchive, InstallPorts, StagingPort } from './install-pipeline-ports.ts';
import type { OperationContext } from './operation.ts';
import { checkPin } from './plugin-manager-plan.ts';

/** What is to be installed. */
export interface InstallRequest {
  readonly ref: PluginRef;
  /** Default: the newest that the host can run. */
  readonly version?: string | undefined;
  /** `update` needs the plugin to be there already, and a newer version to be found. */
  readonly mode: 'install' | 'update';
  /** Somebody with the right to do so took the new publisher for the plugin's. */
  readonly acceptPublisher?: boolean | undefined;
  /** Default: as it was; true at the first install. */
  readonly isEnabled?: boolean | undefined;
}

/** What came of an install. */
export interface InstallResult {
  readonly installed: InstalledState;
  readonly receipt: Receipt;
}

interface Fetched extends DownloadedArchive {
  readonly path: string;
  readonly isCached: boolean;
}

/**
 * Takes a plugin from its source to the store: resolve, policy, download, integrity, signature, inspect, extract,
 * manifest, compat, commit, cleanup. Whatever fails, nothing is left in staging, and what was active stays active.
 *
 * Throws a {@link PluginError} that names the phase.
 */
export async function runInstall<S extends StagingPort>(
  request: InstallRequest,
  ports: InstallPorts<S>,
  context: OperationContext,
): Promise<InstallResult> {
  const { signal, enter, warn } = context;
  const { policy, store, limits } = ports;
  const pluginId = pluginIdOf(request.ref);

  enter('resolve');
  // Before anybody is asked: a denied plugin causes no request.
  policy.checkPlugin(request.ref);
  const { plugins } = await store.state();
  const old = Object.hasOwn(plugins, pluginId) ? plugins[pluginId] : undefined;
  checkRequest(request, pluginId, old);
  const { release, notChecked } = await ports.resolve(request.ref, request.version, signal);
  notChecked.forEach(warn);
  signal.throwIfAborted();

  enter('policy');
  checkIsNewer(request, pluginId, release.version, old);
  policy.checkVersion(release, old?.active.version);
  const pin = request.acceptPublisher === true ? undefined : old?.publisher;
  // What the source says is enough to refuse another repository before its archive is fetched; the key comes later.
  if (pin !== undefined) policy.checkPublisher(pluginId, pin, { ...pin, repositoryId: release.repositoryId });
  refuseExtraFiles(release, policy.extraFilesOf(release).length, pluginId);

  const staging = await store.stage(pluginId);
  try {
    const archive = await fetchArchive(release, staging, ports, context);
    enter('signature');
    const keyId = await policy.verifySignature(release, archive);
    enter('inspect');
    const plan = await ports.planArchive(archive.path, limits, signal);
    findManifest(plan, limits);
    enter('extract');
    const files = await ports.extractArchive(archive.path, plan, staging.path, { limits, signal });
    enter('manifest');
    const manifest = await readManifest(staging.path, release, plan);
    const found = { repositoryId: release.repositoryId, packageName: manifest.name, keyId };
    if (pin !== undefined) policy.checkPublisher(pluginId, pin, found);
    // A policy that looks at no signatures for a while does not make the plugin forget its key.
    const publisher = { ...found, keyId: keyId ?? pin?.keyId };
    enter('compat');
    checkEngines(manifest, ports.host);
    if (manifest.entry === undefined)
      warn(`${pluginId} has no entry for ${ports.host.product}: it is listed, not loaded`);
    if (!archive.isCached) await keepArchive(archive, ports, warn);
    // From here on it is too late to stop: the version becomes active, or it does not.
    signal.throwIfAborted();
    enter('commit');
    const receipt = receiptOf({ release, manifest, archive, files, installedAt: ports.now() });
    const isEnabled = request.isEnabled ?? old?.isEnabled ?? true;
    const installed = await store.commit(staging, receipt, { publisher, isEnabled });
    enter('cleanup');
    return { installed, receipt };
  } finally {
    // A result, or the reason of a failure, counts for more than what is left: the next start removes that.
    await staging.discard().catch((error: unknown) => {
      warn(`what was staged could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}

function checkRequest({ mode, version }: InstallRequest, pluginId: string, old: InstalledState | undefined): void {
  if (mode === 'update' && old === undefined) {
    throw new PluginError('E_NOT_INSTALLED', `${pluginId} is not installed`, { phase: 'resolve', pluginId });
  }
  checkPin(pluginId, { version }, old);
}

function checkIsNewer(
  { mode, version: asked }: InstallRequest,
  pluginId: string,
  version: string,
  old: InstalledState | undefined,
): void {
  if (mode !== 'update' || old === undefined) return;
  const installed = old.active.version;
  const isOlder = asked === undefined && (parseVersion(installed)?.compare(version) ?? 0) > 0;
  if (installed !== version && !isOlder) return;
  const message = `the newest version of ${pluginId} that fits is ${version}; ${installed} is installed`;
  throw new PluginError('E_UP_TO_DATE', message, { phase: 'resolve', pluginId, details: { installed, version } });
}

function refuseExtraFiles({ version }: Release, count: number, pluginId: string): void {
  if (count === 0) return;
  const message = `${pluginId} ${version} asks for ${String(count)} extra files, which are not fetched`;
  throw new PluginError('E_EXTRA_FILES_DENIED', message, { phase: 'policy', pluginId, details: { count } });
}

async function fetchArchive<S extends StagingPort>(
  release: Release,
  staging: S,
  ports: InstallPorts<S>,
  { signal, enter, onBytes }: OperationContext,
): Promise<Fetched> {
  enter('download');
  const { algorithm, hex } = release.digest;
  const path = algorithm === 'sha256' ? await ports.store.cache.find(hex) : undefined;
  if (path !== undefined) {
    const { size: bytes } = await stat(path);
    onBytes(bytes, bytes);
    enter('integrity');
    return { path, bytes, sha256: hex, urlChain: [release.archiveUrl], isCached: true };
  }
  const archive = await ports.download({ release, destination: staging.archivePath, signal, onBytes });
  enter('integrity');
  // Whoever downloads compares the digest; this catches one that forgets to.
  if (algorithm === 'sha256' && archive.sha256 !== hex) {
    throw new PluginError('E_INTEGRITY', `expected an archive with the SHA-256 ${hex}; got ${archive.sha256}`, {
      phase: 'integrity',
      pluginId: pluginIdOf(release.ref),
      details: { expected: hex, found: archive.sha256 },
    });
  }
  return { ...archive, path: staging.archivePath, isCached: false };
}

async function readManifest(folder: string, { version }: Release, plan: ArchivePlan): Promise<PluginManifest> {
  const bytes = await readFile(join(folder, manifestPath));
  let json: string;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PluginError('E_MANIFEST_INVALID', `expected UTF-8 in ${manifestPath}`, { phase: 'manifest', cause });
  }
  const manifest = parseManifest(json);
  checkManifest(manifest, { version, plan });
  return manifest;
}

async function keepArchive<S extends StagingPort>(
  { path, sha256 }: Fetched,
  { store }: InstallPorts<S>,
  warn: (message: string) => void,
): Promise<void> {
  try {
    await store.cache.keep(path, sha256);
  } catch (error) {
    warn(`the archive is not kept for later: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface ReceiptParts {
  readonly release: Release;
  readonly manifest: PluginManifest;
  readonly archive: Fetched;
  readonly files: readonly ReceiptFile[];
  readonly installedAt: number;
}

function receiptOf({ release, manifest, archive, files, installedAt }: ReceiptParts): Receipt {
  return {
    schemaVersion: 1,
    managed: true,
    ref: release.ref,
    version: release.version,
    repositoryId: release.repositoryId,
    packageName: manifest.name,
    title: manifest.title,
    author: manifest.author,
    homeUrl: manifest.homeUrl,
    digest: release.digest,
    sha256: archive.sha256,
    archiveBytes: archive.bytes,
    urlChain: archive.urlChain,
    signature: release.signature,
    entry: manifest.entry,
    contributes: manifest.contributes,
    compat: {
      headlampVersions: release.headlampVersions,
      hostVersions: release.hostVersions,
      distros: release.distros,
      engines: manifest.hostVersions,
    },
    files,
    installedAt,
  };
}
