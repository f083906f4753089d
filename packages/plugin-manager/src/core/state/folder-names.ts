import { PluginError } from '../../protocol/error.ts';
import { parsePluginId, pluginIdOf } from '../../protocol/plugin-id.ts';
import { maxVersionLength } from '../release-version.ts';

/** Semantic Versioning 2.0.0 (https://semver.org, § 2, 9 and 10) as far as a folder's name is concerned. */
const versionPattern = /^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/;

/** What a build is called: {@link buildNameOf}. */
export const buildPattern = /^\d+\.\d+\.\d+[0-9A-Za-z.+-]{0,100}-[0-9a-f]{12}$/;

/**
 * The folder of a plugin below `store/`: `<source>~<repo>~<name>`. No part may hold a `~`, so that no two plugins share
 * one. Throws what `parsePluginId` throws.
 */
export function folderNameOf(pluginId: string): string {
  const { source, repo, name } = parsePluginId(pluginId);
  return `${source}~${repo}~${name}`;
}

/** The plugin that a folder of `store/` is for; undefined for a folder that is for none. */
export function pluginIdOfFolder(folderName: string): string | undefined {
  const [source = '', repo = '', name = '', ...more] = folderName.split('~');
  if (more.length > 0) return undefined;
  const id = pluginIdOf({ source, repo, name });
  try {
    parsePluginId(id);
    return id;
  } catch {
    return undefined;
  }
}

/**
 * `<version>-<first 12 hex digits of the receipt's SHA-256>`. Throws a {@link PluginError} with E_NAME_INVALID for a
 * version that no folder may be called after.
 */
export function buildNameOf(version: string, receiptSha256: string): string {
  const isVersion = version.length <= maxVersionLength && versionPattern.test(version);
  if (!isVersion || !/^[0-9a-f]{64}$/.test(receiptSha256)) {
    const got = JSON.stringify({ version: version.slice(0, 200), sha256: receiptSha256.slice(0, 100) });
    throw new PluginError('E_NAME_INVALID', `expected a semantic version and a SHA-256 in hex; got ${got}`, {
      phase: 'commit',
    });
  }
  return `${version}-${receiptSha256.slice(0, 12)}`;
}

/** What a process calls itself in a store: its folder of staging, its lock. */
export const tokenPattern = /^[0-9a-f]{16}$/;

/** What something is called that was thrown away: the token of who did it, and a count. */
export const trashPattern = /^[0-9a-f]{16}-\d+$/;

/** `<SHA-256>.tgz`, and `<SHA-256>~<plugin and version>.json` for what a source said of it. */
export const cachePattern = /^([0-9a-f]{64})(?:\.tgz|~[0-9a-f]{32}\.json)$/;

/** Locks between processes, with what SQLite may put beside them. */
export const lockPattern = /^(?:store|sync|[0-9a-f]{16})\.db(?:-journal)?$/;
