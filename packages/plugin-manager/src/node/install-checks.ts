import type { ExpectedArchive } from '../core/expected-archive.ts';
import { isSameVersion, parseVersion } from '../core/release-version.ts';
import { PluginError } from '../protocol/error.ts';
import { pluginIdOf, type PluginRef } from '../protocol/plugin-id.ts';
import type { Release } from '../protocol/release.ts';
import type { AcceptedPublisher, InstalledState } from '../protocol/state.ts';
import type { PolicyPort } from './install-pipeline-ports.ts';
import { checkPin } from './plugin-manager-plan.ts';

/** What is to be installed. */
export interface InstallRequest {
  readonly ref: PluginRef;
  /** Default: the newest that the host can run. */
  readonly version?: string | undefined;
  /**
   * `update` needs the plugin to be there already, and a newer version to be found. `repair` needs `build` to be active,
   * and takes the same bytes again.
   */
  readonly mode: 'install' | 'update' | 'repair';
  /** What a repair mends. */
  readonly build?: string | undefined;
  /** Default: none but the pinned one. */
  readonly acceptPublisher?: AcceptedPublisher | undefined;
  /** The source may have replaced the archive of a version that is installed. Default: that is E_INTEGRITY. */
  readonly acceptChangedArchive?: boolean | undefined;
  /** What a lock file says of the archive. */
  readonly expected?: ExpectedArchive | undefined;
  /** The pin stays, and the version changes all the same: somebody said so of both. Default: false. */
  readonly isPinIgnored?: boolean | undefined;
  /** Default: as it was; true at the first install. */
  readonly isEnabled?: boolean | undefined;
}

/**
 * Whether a request fits what is installed: before a source is asked. Throws a {@link PluginError} with E_NOT_INSTALLED,
 * E_PINNED.
 */
export function checkRequest(
  { ref, mode, version, isPinIgnored = false }: Pick<InstallRequest, 'ref' | 'mode' | 'version' | 'isPinIgnored'>,
  current: InstalledState | undefined,
): void {
  const pluginId = pluginIdOf(ref);
  if (mode !== 'install' && current === undefined)
    throw new PluginError('E_NOT_INSTALLED', `${pluginId} is not installed`, { phase: 'resolve', pluginId });
  if (!isPinIgnored) checkPin(pluginId, { version }, current);
}

/**
 * Whether a release may take the place of what is installed: once before its archive is fetched, and once more under the
 * store's lock, since another operation or process may have changed, removed or installed the plugin meanwhile. What was
 * removed comes back by an `install` alone.
 *
 * Throws a {@link PluginError}: E_NOT_INSTALLED, E_PINNED, E_UP_TO_DATE, E_PRERELEASE_DENIED, E_DOWNGRADE_DENIED.
 */
export function checkSuccession(
  request: InstallRequest,
  release: Release,
  current: InstalledState | undefined,
  policy: Pick<PolicyPort, 'checkVersion'>,
): void {
  const { version } = release;
  checkRequest({ ...request, version }, current);
  const pluginId = pluginIdOf(request.ref);
  const installed = current?.active.version;
  const upToDate = (message: string): PluginError =>
    new PluginError('E_UP_TO_DATE', message, { phase: 'resolve', pluginId, details: { installed, version } });
  if (request.mode === 'repair') {
    if (current?.active.build === request.build) return;
    throw upToDate(`${String(request.build)} of ${pluginId} is not active any more: ${String(installed)} is`);
  }
  if (request.mode === 'update' && installed !== undefined) {
    const isOlder = request.version === undefined && (parseVersion(installed)?.compare(version) ?? 0) > 0;
    // Another build of the same version is no newer one, whatever stands after its "+".
    if (isOlder || isSameVersion(installed, version))
      throw upToDate(`the newest version of ${pluginId} that fits is ${version}; ${installed} is installed`);
  }
  policy.checkVersion(release, installed);
}
