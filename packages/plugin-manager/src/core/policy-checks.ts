import semver from 'semver';
import { PluginError } from '../protocol/error.ts';
import { pluginIdOf, type PluginRef } from '../protocol/plugin-id.ts';
import type { ExtraFile, Release } from '../protocol/release.ts';
import type { PluginErrorCode } from '../protocol/error-codes.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { PluginPolicy } from './policy.ts';
import { checkFirstHost, withoutQuery } from './url-rules.ts';

/** Whether an id fits a pattern, in whose parts `*` stands for any characters but `:` and `/`. */
export function matchesPlugin(pattern: string, pluginId: string): boolean {
  const [patterns, parts] = [pattern, pluginId].map((text) => text.split(/[:/]/));
  if (patterns?.length !== 3 || parts?.length !== 3) return false;
  return patterns.every((one, index) => matchesPart(one, parts[index] ?? ''));
}

/** Piece by piece, each at its first place: an expression with many `*` would try them all. */
function matchesPart(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return first === text;
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || end < first.length) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

const isOn = (patterns: readonly string[], pluginId: string): boolean =>
  patterns.some((pattern) => matchesPlugin(pattern, pluginId));

/** Throws E_SOURCE_DENIED or E_PLUGIN_DENIED for a plugin that the policy lets nobody install. */
export function checkPlugin(policy: PluginPolicy, ref: PluginRef): void {
  const pluginId = pluginIdOf(ref);
  const known = policy.sources.map(({ name }) => name);
  if (!known.includes(ref.source)) {
    const message = `expected a plugin of the sources ${known.join(', ') || '(none)'}; ${pluginId} is of ${ref.source}`;
    throw new PluginError('E_SOURCE_DENIED', message, { phase: 'policy', pluginId, details: { known } });
  }
  const isDenied = isOn(policy.deny, pluginId);
  if (!isDenied && (policy.allow === undefined || isOn(policy.allow, pluginId))) return;
  const message = isDenied ? `the policy denies ${pluginId}` : `the policy does not allow ${pluginId}`;
  throw new PluginError('E_PLUGIN_DENIED', message, { phase: 'policy', pluginId });
}

/**
 * Why the policy of today lets nobody load a build that was installed under another one; undefined where it may be
 * loaded. Judged is the key that verified this build, not the one that the plugin is pinned to: E_PLUGIN_DENIED,
 * E_KEY_REVOKED, E_KEY_UNKNOWN (also for a key that may not sign the plugin any more), E_SIGNATURE_MISSING for a signature
 * that nobody verified when it was installed, and, where one is required, for none and for extra files, which have none.
 */
export function loadingRefusal(
  policy: PluginPolicy,
  {
    ref,
    version,
    keyId,
    signature,
    extraFiles = [],
  }: Pick<Receipt, 'ref' | 'version' | 'keyId' | 'signature' | 'extraFiles'>,
): PluginError | undefined {
  const pluginId = pluginIdOf(ref);
  const refusal = (code: PluginErrorCode, message: string): PluginError =>
    new PluginError(code, message, { phase: 'policy', pluginId, details: { version } });
  if (isOn(policy.deny, pluginId)) return refusal('E_PLUGIN_DENIED', `the policy denies ${pluginId}`);
  if (policy.allow !== undefined && !isOn(policy.allow, pluginId))
    return refusal('E_PLUGIN_DENIED', `the policy does not allow ${pluginId}`);
  if (policy.signature === 'off') return undefined;
  const named = keyId ?? signature?.keyId;
  const key = policy.keys.find(({ id }) => id === named);
  const signed = `the key ${String(named)} that signed ${pluginId} ${version}`;
  if (key?.isRevoked === true) return refusal('E_KEY_REVOKED', `${signed} is revoked`);
  if (named !== undefined && key?.plugins.some((pattern) => matchesPlugin(pattern, pluginId)) !== true)
    return refusal('E_KEY_UNKNOWN', `${signed} is no key of the policy for it`);
  const what = `${pluginId} ${version}`;
  if (keyId === undefined && signature !== undefined) {
    const message = `${what} was installed without a verified signature: nobody looked at the one it has; install it again`;
    return refusal('E_SIGNATURE_MISSING', message);
  }
  if (policy.signature !== 'require') return undefined;
  if (keyId === undefined) {
    const message = `${what} was installed without a verified signature, which the policy requires`;
    return refusal('E_SIGNATURE_MISSING', message);
  }
  if (extraFiles.length === 0) return undefined;
  const message = `${what} has extra files, which have no signature; the policy requires one`;
  return refusal('E_SIGNATURE_MISSING', message);
}

/**
 * Throws E_PRERELEASE_DENIED or E_DOWNGRADE_DENIED for a version that the policy does not let follow the installed one.
 * A rollback is no downgrade: it is not asked about.
 */
export function checkVersion(policy: PluginPolicy, release: Release, installed: string | undefined): void {
  const pluginId = pluginIdOf(release.ref);
  const { version } = release;
  if (release.isPrerelease && policy.prerelease === 'deny') {
    const message = `${pluginId} ${version} is a prerelease, and the policy allows none`;
    throw new PluginError('E_PRERELEASE_DENIED', message, { phase: 'policy', pluginId, details: { version } });
  }
  if (installed === undefined || policy.downgrade === 'allow' || !semver.lt(version, installed)) return;
  const message = `${pluginId} ${version} is older than ${installed}, which is installed`;
  throw new PluginError('E_DOWNGRADE_DENIED', message, { phase: 'policy', pluginId, details: { version, installed } });
}

/** The extra files that a platform (`linux/x64`) takes, whatever the policy says of them. */
export function extraFilesOn({ extraFiles }: Pick<Release, 'extraFiles'>, platform: string): readonly ExtraFile[] {
  return extraFiles.filter(({ arch }) => arch.toLowerCase() === platform.toLowerCase());
}

/**
 * The extra files for a platform (`linux/x64`), each from a host that the policy allows; hosts of the archive do not count.
 * Throws E_EXTRA_FILES_DENIED for the first other one, and E_SIGNATURE_MISSING for a policy that requires signatures: an
 * extra file has none.
 */
export function extraFilesFor(policy: PluginPolicy, release: Release, platform: string): readonly ExtraFile[] {
  const files = extraFilesOn(release, platform);
  const source = policy.sources.find(({ name }) => name === release.ref.source);
  const isLocal = source !== undefined && source.kind !== 'file' && source.isLocal;
  const fetchPolicy = { hosts: policy.extraFileHosts, redirectHosts: [], isLocal };
  for (const { url } of files) {
    try {
      checkFirstHost(url, fetchPolicy, 'policy');
    } catch (cause) {
      const pluginId = pluginIdOf(release.ref);
      const shownUrl = withoutQuery(url).slice(0, 200);
      const message = `${pluginId} ${release.version} asks for the extra file ${shownUrl}, which the policy does not allow`;
      const details = { url: shownUrl };
      throw new PluginError('E_EXTRA_FILES_DENIED', message, { phase: 'policy', pluginId, details, cause });
    }
  }
  if (files.length > 0 && policy.signature === 'require') {
    const pluginId = pluginIdOf(release.ref);
    const message = `${pluginId} ${release.version} asks for extra files, which have no signature; the policy requires one`;
    throw new PluginError('E_SIGNATURE_MISSING', message, { phase: 'policy', pluginId });
  }
  return files;
}
