import { incompatibility } from '../core/compat.ts';
import { checkArrived, extraFilesText } from '../core/expected-archive.ts';
import { PluginError } from '../protocol/error.ts';
import { pluginIdOf } from '../protocol/plugin-id.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { Release } from '../protocol/release.ts';
import type { InstalledState } from '../protocol/state.ts';
import type { InstallRequest } from './install-checks.ts';
import type { InstallPorts } from './install-pipeline-ports.ts';

/**
 * What is active, where it is the version that an `install` asks for, of the same bytes and publisher, and intact: then
 * nothing is fetched, and whether it is enabled is all that may change. Undefined where there is something to do, or to
 * refuse.
 *
 * Throws what the signature of the release is refused for: it counts by the policy of today.
 */
export async function findUnchanged(
  { mode, isEnabled, expected }: InstallRequest,
  release: Release,
  current: InstalledState | undefined,
  { host, policy, store }: Pick<InstallPorts, 'host' | 'policy' | 'store'>,
  signal: AbortSignal,
): Promise<{ readonly installed: InstalledState; readonly receipt: Receipt } | undefined> {
  if (mode !== 'install' || current?.active.version !== release.version) return undefined;
  const { active, publisher } = current;
  const pluginId = pluginIdOf(release.ref);
  if (publisher.repositoryId !== release.repositoryId) return undefined;
  const receipt = await receiptOfIntact(pluginId, active.build, store, signal);
  if (receipt === undefined) return undefined;
  const { sha256, archiveBytes: bytes } = receipt;
  // A receipt that would say something else is written anew.
  // The release has no extra files for this platform: its caller looked.
  const said = { ...release, compat: release, extraFiles: [], otherExtraFiles: release.extraFiles };
  if (saidBy(receipt) !== saidBy(said)) return undefined;
  if (incompatibility(receipt, host) !== undefined) return undefined;
  if (expected !== undefined) checkArrived(pluginId, receipt, expected);
  const keyId = await policy.verifySignature(release, { sha256, bytes });
  // A first signature binds the plugin to its key: the whole way is gone once more.
  if (keyId !== receipt.keyId || (keyId !== undefined && keyId !== publisher.keyId)) return undefined;
  const isAsWished = isEnabled === undefined || isEnabled === current.isEnabled;
  return { installed: isAsWished ? current : await store.setEnabled(pluginId, isEnabled), receipt };
}

/** What a source said of a release, as far as a receipt holds it; the same bytes may come on another way each time. */
function saidBy({
  digest,
  signature,
  compat,
  extraFiles = [],
  otherExtraFiles = [],
}: Pick<Receipt, 'digest' | 'signature' | 'compat' | 'extraFiles' | 'otherExtraFiles'>): string {
  const { headlampVersions, hostVersions, distros } = compat ?? {};
  const extra = [extraFiles, otherExtraFiles].map((files) => extraFilesText(files));
  const signed = signature && [signature.keyId, signature.value];
  const said = [digest.algorithm, digest.hex, signed, headlampVersions, hostVersions, distros, extra];
  return JSON.stringify(said);
}

/** Undefined also where another process takes the build away meanwhile: what is there then counts at the commit. */
async function receiptOfIntact(
  pluginId: string,
  build: string,
  store: InstallPorts['store'],
  signal: AbortSignal,
): Promise<Receipt | undefined> {
  try {
    const report = await store.verify(pluginId, signal);
    return report.isIntact && report.build === build ? await store.receipt(pluginId, build) : undefined;
  } catch (error) {
    if (error instanceof PluginError && ['E_NOT_INSTALLED', 'E_FILES_CHANGED'].includes(error.code)) return undefined;
    throw error;
  }
}
