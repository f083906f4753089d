import { checkCompatibility, type PassedOverVersions } from '../core/compat.ts';
import { checkPlugin, checkVersion, extraFilesFor } from '../core/policy-checks.ts';
import type { PluginPolicy } from '../core/policy.ts';
import { publisherChanges } from '../core/publisher.ts';
import { checkFirstHost, withoutQuery, type FetchPolicy } from '../core/url-rules.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginHost } from '../protocol/host.ts';
import { pluginIdOf } from '../protocol/plugin-id.ts';
import type { Release } from '../protocol/release.ts';
import type { InstalledState, PublisherChange } from '../protocol/state.ts';
import type { CatalogRelease } from '../protocol/wire.ts';
import { checkBytes } from './install-bytes.ts';
import { platform } from './plugin-manager-policy.ts';

/**
 * What an install would mean, as far as the catalog says, and newer versions that do not fit; what its archive holds is
 * not known yet.
 */
export interface InstallPlan extends Omit<CatalogRelease, 'id' | 'denied'>, PassedOverVersions {
  readonly pluginId: string;
  /** What an install would be refused for before its archive is fetched; absent where for nothing. */
  readonly denied?: PluginError | undefined;
}

/** What a plan is made of. */
export interface PlanParts extends PassedOverVersions {
  readonly release: Release;
  readonly installed: InstalledState | undefined;
  readonly policy: PluginPolicy;
  readonly host: PluginHost;
  /** For the archive; absent where it is a file of this machine. */
  readonly fetchPolicy?: FetchPolicy | undefined;
}

/** Makes a plan; nothing is thrown for what an install would be refused for. */
export function planInstall(parts: PlanParts): InstallPlan {
  const { release, passedOver, passedOverCount, installed, policy, host, fetchPolicy } = parts;
  const { ref, archiveUrl } = release;
  const pluginId = pluginIdOf(ref);
  const installedVersion = installed?.active.version;
  const check = checkCompatibility(release, host);
  const changes = installed === undefined ? [] : changesOf(release, installed, policy);
  const refusals = [
    () => {
      checkPlugin(policy, ref);
    },
    () => {
      checkVersion(policy, release, installedVersion);
    },
    () => {
      checkPin(pluginId, release, installed);
    },
    () => {
      if (release.digest.algorithm === 'sha256')
        checkBytes({ ref, mode: 'install' }, release.version, release.digest.hex, installed);
    },
    () => {
      extraFilesFor(policy, release, platform);
    },
    () => {
      if (fetchPolicy !== undefined) checkFirstHost(archiveUrl, fetchPolicy, 'policy');
    },
    () => {
      checkSigned(pluginId, release, policy);
    },
  ];
  return {
    pluginId,
    release: shownRelease(release),
    installedVersion,
    compatibility:
      check.state === 'compatible' ? check : { state: check.state, reason: check.reason, checked: [], notChecked: [] },
    denied: refusals.map(refusalOf).find((refusal) => refusal !== undefined),
    publisher: installed === undefined ? 'first-install' : changes.length > 0 ? 'changed' : 'same',
    ...(changes.length > 0 && { publisherChanges: changes }),
    passedOver,
    passedOverCount,
  };
}

/** What an install that accepts nothing would be refused for, as far as its plan says; undefined where for nothing. */
export function planRefusal({
  pluginId,
  release: { version },
  denied,
  compatibility,
  publisher,
}: InstallPlan): PluginError | undefined {
  if (denied !== undefined) return denied;
  if (compatibility.state === 'incompatible') {
    const message = `${pluginId} ${version}: ${compatibility.reason ?? 'it is not for this host'}`;
    return new PluginError('E_INCOMPATIBLE_HOST', message, { phase: 'compat', pluginId });
  }
  if (publisher !== 'changed') return undefined;
  const message = `the publisher of ${pluginId} is not the one of its first install: an install has to accept it`;
  return new PluginError('E_PUBLISHER_CHANGED', message, { phase: 'policy', pluginId });
}

/**
 * Throws a {@link PluginError} with E_PINNED for another version than the one that the plugin is pinned to; without a
 * version, which is asked for before one is looked for, the newest may be another.
 */
export function checkPin(
  pluginId: string,
  { version }: { readonly version?: string | undefined },
  installed: InstalledState | undefined,
): void {
  if (installed?.isPinned !== true || version === installed.active.version) return;
  const message = `${pluginId} is pinned to ${installed.active.version}: unpin it first`;
  throw new PluginError('E_PINNED', message, { phase: 'policy', pluginId });
}

/** A plan is shown to people: what a query may hold is for the download alone. */
function shownRelease(release: Release): Release {
  return {
    ...release,
    archiveUrl: withoutQuery(release.archiveUrl),
    extraFiles: release.extraFiles.map((file) => ({ ...file, url: withoutQuery(file.url) })),
  };
}

function refusalOf(check: () => void): PluginError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof PluginError) return error;
    throw error;
  }
}

function checkSigned(pluginId: string, { signature, version }: Release, policy: PluginPolicy): void {
  if (policy.signature !== 'require' || signature !== undefined) return;
  const message = `${pluginId} ${version}: expected a signature, which the policy requires; there is none`;
  throw new PluginError('E_SIGNATURE_MISSING', message, { phase: 'signature', pluginId, details: { version } });
}

/** By what the source says of the repository and the key; the name in package.json is in the archive. */
function changesOf(
  { repositoryId, signature }: Release,
  { publisher }: InstalledState,
  policy: PluginPolicy,
): readonly PublisherChange[] {
  return publisherChanges(publisher, { repositoryId, keyId: signature?.keyId }, policy);
}
