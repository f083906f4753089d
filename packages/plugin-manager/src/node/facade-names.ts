import { shown } from '../core/check-shape.ts';
import type { PluginPolicy } from '../core/policy.ts';
import { parseVersion } from '../core/release-version.ts';
import { withoutQuery } from '../core/url-rules.ts';
import { PluginError } from '../protocol/error.ts';
import { parsePluginId, pluginIdOf } from '../protocol/plugin-id.ts';
import type { ListedManagedPlugin, ListedPlugin } from './plugin-manager-listing.ts';

/** A plugin that somebody asked for. */
export interface AskedPlugin {
  readonly pluginId: string;
  /** Where the URL ended with one. */
  readonly version?: string | undefined;
}

/** As long as a name of npm may be; a plugin id and a folder's name are shorter. */
const maxNameLength = 214;
const maxUrlLength = 1_000;
// A package name, a plugin id, or a folder's name: none begins with an underscore, as `__proto__` does.
const namePattern = /^@?[a-z0-9~-][a-z0-9._~-]*(?:[:/][a-z0-9~-][a-z0-9._~-]*)*$/i;

/**
 * The plugin of an id, or of a page of an Artifact Hub of the policy:
 * `https://artifacthub.io/packages/headlamp/<repo>/<name>`, with or without a version after it. Throws a
 * {@link PluginError} with E_NAME_REQUIRED, E_NAME_INVALID, or E_URL_INVALID for a URL that is of no such hub.
 */
export function parseUrlOrRef(urlOrRef: unknown, policy: PluginPolicy): AskedPlugin {
  const text = textOf(urlOrRef, maxUrlLength, 'the URL or the id of a plugin');
  if (!text.includes('://')) return { pluginId: pluginIdOf(parsePluginId(text)) };
  for (const source of policy.sources) {
    if (source.kind !== 'artifact-hub') continue;
    const base = `${source.url.replace(/\/+$/, '')}/packages/headlamp/`;
    if (!text.startsWith(base)) continue;
    const [repo = '', name = '', version, ...more] = withoutEnd(text.slice(base.length)).split('/');
    const ref = parsePluginId(`${source.name}:${repo}/${name}`);
    if (more.length > 0 || (version !== undefined && parseVersion(version) === undefined)) {
      throw invalid(`expected ${base}<repo>/<name>, with or without a version; got ${shown(text)}`);
    }
    return { pluginId: pluginIdOf(ref), version };
  }
  const hubs = policy.sources.flatMap((source) => (source.kind === 'artifact-hub' ? [source.url] : []));
  const expected = hubs.map((url) => `${url.replace(/\/+$/, '')}/packages/headlamp/<repo>/<name>`);
  const message = `expected ${[...expected, 'a plugin id'].join(' or ')}; got ${shown(text)}`;
  throw new PluginError('E_URL_INVALID', message, { phase: 'resolve', details: { expected } });
}

/**
 * The installed plugin that somebody means by its id, the name in its package.json, or its folder. Throws a
 * {@link PluginError}: E_NAME_REQUIRED, E_NAME_INVALID (also where several are called so), E_NOT_INSTALLED, and
 * E_UNMANAGED for a folder that has no receipt.
 */
export function findInstalled(given: unknown, plugins: readonly ListedPlugin[]): ListedManagedPlugin {
  const name = textOf(given, maxNameLength, 'the name of an installed plugin');
  if (!namePattern.test(name) || name.includes('..')) throw invalid(`expected a plugin's name; got ${shown(name)}`);
  const managed = plugins.filter((plugin) => plugin.managed);
  // An id and a folder are of one plugin alone; whoever calls their package as another's id takes nothing from it.
  const exact = managed.find(({ pluginId, folderName }) => [pluginId, folderName].includes(name));
  if (exact !== undefined) return exact;
  const [found, other] = managed.filter(({ pluginName }) => pluginName === name);
  if (found !== undefined && other === undefined) return found;
  if (found !== undefined) {
    const pluginIds = managed.flatMap(({ pluginName, pluginId }) => (pluginName === name ? [pluginId] : []));
    const message = `several installed plugins are called ${name}: expected one of ${pluginIds.join(', ')}`;
    throw new PluginError('E_NAME_INVALID', message, { phase: 'resolve', details: { pluginIds } });
  }
  if (plugins.some(({ folderName }) => folderName === name)) {
    const message = `the folder ${name} has no receipt: it was not installed here, and is never changed`;
    throw new PluginError('E_UNMANAGED', message, { phase: 'resolve', details: { folderName: name } });
  }
  throw new PluginError('E_NOT_INSTALLED', `${name} is not installed`, { phase: 'resolve', details: { name } });
}

function textOf(value: unknown, maxLength: number, what: string): string {
  if (value === undefined || value === null || value === '') {
    throw new PluginError('E_NAME_REQUIRED', `expected ${what}; got nothing`, { phase: 'resolve' });
  }
  if (typeof value === 'string' && value.length <= maxLength) return value;
  throw invalid(`expected ${what} of at most ${String(maxLength)} characters; got ${shown(value)}`);
}

/** Without what a page is called with beside its address, and without a slash at its end. */
function withoutEnd(text: string): string {
  return withoutQuery(text).replace(/\/$/, '');
}

function invalid(message: string): PluginError {
  return new PluginError('E_NAME_INVALID', message, { phase: 'resolve' });
}
