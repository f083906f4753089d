import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchivePlan } from '../core/archive-plan.ts';
import { planExtraFiles } from '../core/extra-file-plan.ts';
import type { PublisherCheck } from '../core/publisher.ts';
import { checkArrived, checkExtraFiles, checkRelease } from '../core/expected-archive.ts';
import { readContributes } from '../core/declared-contributes.ts';
import {
  checkEngines,
  checkManifest,
  findManifest,
  manifestPath,
  parseManifest,
  type PluginManifest,
} from '../core/manifest.ts';
import { PluginError } from '../protocol/error.ts';
import { pluginIdOf } from '../protocol/plugin-id.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { Release } from '../protocol/release.ts';
import type { InstalledState, PublisherChange, PublisherPin } from '../protocol/state.ts';
import { fetchExtraFiles, placeExtraFiles } from './extra-files.ts';
import { fetchArchive, keepArchive, type FetchedArchive } from './install-archive.ts';
import { checkBytes } from './install-bytes.ts';
import { checkRequest, checkSuccession, type InstallRequest } from './install-checks.ts';
import { findUnchanged } from './install-unchanged.ts';
import type { CommitDecision, InstallPorts, StagingPort, StorePort } from './install-pipeline-ports.ts';
import { receiptOf } from './install-receipt.ts';
import type { OperationContext } from './operation.ts';
import { moduleRefusal } from './plugin-verdict.ts';

/** What came of an install. */
export interface InstallResult {
  readonly installed: InstalledState;
  readonly receipt: Receipt;
  /** False where this version was active and intact already: nothing was fetched, and no file was written. */
  readonly isChanged: boolean;
  /** What of the publisher is another one now; absent where nothing is. */
  readonly acceptedChanges?: readonly PublisherChange[] | undefined;
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
  checkRequest(request, old);
  const { release, notChecked } = await ports.resolve(request.ref, request.version, signal);
  for (const what of notChecked) warn(`not checked: ${what}`);
  signal.throwIfAborted();

  enter('policy');
  const { acceptPublisher: accepted } = request;
  const mended = request.mode === 'repair' ? await receiptToMend(request, store) : undefined;
  const pins = (current: InstalledState | undefined, keyId?: string): readonly Omit<PublisherCheck, 'found'>[] => [
    ...(current ? [{ pin: pinOf(request, current.publisher, mended, keyId), accepted }] : []),
    ...(request.expected?.publisher ? [{ pin: request.expected.publisher }] : []),
  ];
  // What the source says is enough to refuse another repository before its archive is fetched; the key comes later.
  for (const known of pins(old))
    policy.checkPublisher(pluginId, { ...known, found: { ...known.pin, repositoryId: release.repositoryId } });
  checkSuccession(request, release, old, policy);
  if (release.digest.algorithm === 'sha256') checkBytes(request, release.version, release.digest.hex, old);
  if (request.expected !== undefined) checkRelease(release, request.expected);
  const extraFiles = policy.extraFilesOf(release);
  if (request.expected !== undefined) {
    checkExtraFiles(pluginId, { here: extraFiles, all: release.extraFiles }, request.expected);
  }
  // Also for what is in the cache; a repair brings back what was installed, from wherever it came.
  if (request.mode !== 'repair') ports.checkArchiveUrl(release);
  const unchanged = extraFiles.length === 0 && (await findUnchanged(request, release, old, ports, signal));
  if (unchanged) return { ...unchanged, isChanged: false };

  const staging = await store.stage(pluginId);
  try {
    const archive = await fetchArchive(release, staging, ports, context);
    if (request.expected !== undefined) checkArrived(pluginId, archive, request.expected);
    enter('signature');
    const keyId = await policy.verifySignature(release, archive);
    enter('inspect');
    const plan = await ports.planArchive(archive.path, limits, signal);
    findManifest(plan, limits);
    const planned = planExtraFiles(extraFiles, plan, limits);
    const scratch = `${staging.archivePath}.extra`;
    const extras = { ref: request.ref, planned, archive: { bytes: archive.bytes, plan }, scratch, ports, context };
    const fetched = await fetchExtraFiles(extras);
    enter('extract');
    const own = await ports.extractArchive(archive.path, plan, staging.path, { limits, signal });
    const files = [...own, ...(await placeExtraFiles(fetched, staging.path, extras))];
    enter('manifest');
    const manifest = await readManifest(staging.path, release, plan);
    const found = { repositoryId: release.repositoryId, packageName: manifest.name, keyId };
    let acceptedChanges: readonly PublisherChange[] = [];
    const decide = (current: InstalledState | undefined): CommitDecision => {
      acceptedChanges = pins(current, keyId).flatMap((known) => policy.checkPublisher(pluginId, { ...known, found }));
      checkSuccession(request, release, current, policy);
      checkBytes(request, release.version, archive.sha256, current);
      // The same bytes say nothing of who may publish the next version.
      if (request.mode === 'repair' && current) return { publisher: current.publisher, isEnabled: request.isEnabled };
      // A policy that looks at no signatures for a while does not make the plugin forget its key.
      const isGivenUp = acceptedChanges.some(({ what }) => what === 'keyId');
      const pinned = isGivenUp ? undefined : current?.publisher.keyId;
      return { publisher: { ...found, keyId: keyId ?? pinned }, isEnabled: request.isEnabled };
    };
    decide(old);
    enter('compat');
    checkEngines(manifest, ports.host);
    if (manifest.entry === undefined)
      warn(`${pluginId} has no entry for ${ports.host.product}: it is listed, not loaded`);
    const blocked = moduleRefusal({ entry: manifest.entry, files });
    if (blocked !== undefined) warn(`${pluginId} will not be loaded: ${blocked}`);
    readContributes(manifest.contributes).problems.forEach(warn);
    await keepArchive(archive, release, ports, warn);
    // From here on it is too late to stop: the version becomes active, or it does not.
    signal.throwIfAborted();
    enter('commit');
    const urlChain = await chainOf(request, archive, store);
    const receipt = receiptOf({
      release,
      manifest,
      archive: { ...archive, urlChain },
      keyId,
      extraFiles,
      files,
      installedAt: ports.now(),
    });
    const installed = await store.commit(staging, receipt, decide, own);
    enter('cleanup');
    return { installed, receipt, isChanged: true, acceptedChanges };
  } finally {
    // A result, or the reason of a failure, counts for more than what is left: the next start removes that.
    await staging.discard().catch((error: unknown) => {
      warn(`what was staged could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}

/** Undefined where it is what is damaged. */
function receiptToMend(
  { ref, build = '' }: InstallRequest,
  { receipt }: Pick<StorePort, 'receipt'>,
): Promise<Receipt | undefined> {
  return receipt(pluginIdOf(ref), build).catch(() => undefined);
}

/**
 * Who a release is to be from. A repair brings back a build that may be older than the plugin's key: it is compared with
 * its receipt. Where that is gone the bytes are those that the state names, and any key of the policy may have signed
 * them, but not none.
 */
function pinOf(
  { mode }: InstallRequest,
  publisher: PublisherPin,
  mended: Receipt | undefined,
  keyId: string | undefined,
): PublisherPin {
  if (mode !== 'repair') return publisher;
  if (mended !== undefined)
    return { repositoryId: mended.repositoryId, packageName: mended.packageName, keyId: mended.keyId };
  return keyId === undefined ? publisher : { ...publisher, keyId: undefined };
}

/** A repair takes the bytes of the cache for what they are: those that came on the way that the receipt names. */
async function chainOf(
  { ref, mode, build = '' }: InstallRequest,
  { isCached, urlChain }: FetchedArchive,
  { receipt }: Pick<StorePort, 'receipt'>,
): Promise<readonly string[]> {
  if (mode !== 'repair' || !isCached) return urlChain;
  return receipt(pluginIdOf(ref), build).then(
    (old) => old.urlChain,
    () => urlChain,
  );
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
