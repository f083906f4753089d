import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import semver from 'semver';
import { parse } from 'yaml';
import { parsePolicy, type PluginPolicy } from '../../core/policy.ts';
import { PluginError } from '../../protocol/error.ts';
import type { PluginHost } from '../../protocol/host.ts';
import { sdkVersion } from '../../protocol/sdk-version.ts';
import { defaultUserPluginsDir } from '../facade-folder.ts';
import { createFetcher, type FetcherOptions } from '../fetch/create-fetcher.ts';
import { readProxyUrl } from '../fetch/proxy-choice.ts';
import type { PluginManager } from '../plugin-manager-interface.ts';
import { createPluginManager } from '../plugin-manager.ts';
import { withPathsOf } from '../policy-paths.ts';
import { createSources } from '../sources/create-sources.ts';
import type { Command, CommandContext } from './command.ts';
import { UsageError } from './usage-error.ts';

/** Options of every command that works on a store. */
export const storeOptions: Command['options'] = [
  {
    name: 'root',
    value: 'a folder',
    what: "folder of the plugins; default: the user's own, as ~/.local/share/fleetwire/user-plugins",
  },
  { name: 'policy', value: 'a file', what: 'policy in YAML or JSON; default: Artifact Hub, no prereleases' },
  {
    name: 'proxy',
    value: 'a URL',
    what: 'HTTP proxy for sources that are not local; default: FLEETWIRE_PLUGIN_PROXY, else HTTPS_PROXY but for NO_PROXY',
  },
  {
    name: 'ca',
    value: 'a file',
    what: 'PEM file with authorities beside those of the machine; default: FLEETWIRE_PLUGIN_CA',
  },
];

/** Options of those that choose versions: what the plugins must be compatible with. */
export const hostOptions: Command['options'] = [
  { name: 'host-version', value: 'a version', what: 'version of the dashboard', isRequired: true },
  { name: 'distro', value: 'a name', what: 'kind of the dashboard: in-cluster, web, app, …', isRequired: true },
  { name: 'headlamp-version', value: 'a version', what: "level of Headlamp's plugin API; default: not checked" },
];

/** Opens the manager that the options name, for as long as `use` takes. */
export async function withManager<T>(
  context: CommandContext,
  use: (manager: PluginManager, policy: PluginPolicy) => Promise<T>,
): Promise<T> {
  const policy = await readPolicy(context);
  const host = hostOf(context);
  const fetcher = createFetcher(await readNetwork(context));
  const manager = createPluginManager({
    root: rootOf(context),
    host,
    policy,
    sources: createSources(policy, fetcher),
    transport: fetcher,
    writer: { program: 'fleetwire-plugin', actor: userOfMachine() },
  });
  try {
    return await use(manager, policy);
  } finally {
    await manager.dispose();
  }
}

/** Who runs the program: the account that the machine checked, and no variable, which says whatever somebody likes. */
function userOfMachine(): string {
  try {
    return userInfo().username;
  } catch {
    // A number without a name, as containers have it.
    return `uid ${String(process.getuid?.() ?? 'unknown')}`;
  }
}

/** The folder of the plugins that the options name. */
export function rootOf({ option, workingFolder, environment }: CommandContext): string {
  const given = option('root');
  return given === undefined ? defaultUserPluginsDir({ environment }) : resolve(workingFolder, given);
}

/** Commands without {@link hostOptions} choose no version, and nothing is checked against their host. Throws a UsageError. */
function hostOf({ option }: CommandContext): PluginHost {
  for (const name of ['host-version', 'headlamp-version']) {
    const given = option(name);
    // What is no version is in no range, and every plugin would be told to be for another host.
    if (given === undefined || semver.valid(given) !== null) continue;
    throw new UsageError(`--${name}: expected a version, as "1.2.3"; got ${JSON.stringify(given)}`);
  }
  const version = option('host-version') ?? '0.0.0';
  return {
    product: 'fleetwire',
    version,
    distro: option('distro') ?? 'none',
    // Dashboard and program are of one release, and what is loaded is judged again by the dashboard.
    sdkVersion,
    compat: { headlamp: option('headlamp-version') },
  };
}

type Network = Pick<FetcherOptions, 'proxy' | 'proxyName' | 'noProxy' | 'ca'>;

/**
 * The option, then the variable of the program; then that of all programs, with its exceptions. An empty variable is none,
 * and the name in lower case wins, as for others that read it.
 */
function readProxy(
  given: string | undefined,
  environment: CommandContext['environment'],
): Pick<Network, 'proxy' | 'proxyName' | 'noProxy'> {
  const candidates: readonly (readonly [string, string | undefined])[] = [
    ['--proxy', given],
    ...['FLEETWIRE_PLUGIN_PROXY', 'https_proxy', 'HTTPS_PROXY'].map((name) => [name, environment[name]] as const),
  ];
  const [proxyName, text] = candidates.find(([, value]) => value !== undefined && value !== '') ?? [];
  if (text === undefined || proxyName === undefined) return {};
  // That of all programs may be for others alone: only a request that would go by it fails.
  if (/^https_proxy$/i.test(proxyName)) {
    return { proxy: text, proxyName, noProxy: environment['no_proxy'] || environment['NO_PROXY'] };
  }
  const proxy = readProxyUrl(text);
  // It may hold a password, so it is not shown.
  if (proxy === undefined) throw new UsageError(`${proxyName}: expected an http URL such as http://proxy:3128`);
  return { proxy, proxyName };
}

/** How sources are reached; with the variables that the server takes. Throws a UsageError. */
async function readNetwork({ option, workingFolder, environment }: CommandContext): Promise<Network> {
  const proxy = readProxy(option('proxy'), environment);
  const given = option('ca') ?? environment['FLEETWIRE_PLUGIN_CA'];
  if (given === undefined) return proxy;
  const path = resolve(workingFolder, given);
  try {
    const ca = await readFile(path, 'utf8');
    const certificates = ca.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs);
    if (certificates === null) throw new Error('none');
    for (const certificate of certificates) new X509Certificate(certificate);
    return { ...proxy, ca };
  } catch (error) {
    throw new UsageError(`--ca: ${path}: expected a PEM file with certificates; got ${(error as Error).message}`);
  }
}

/** The policy that the options name. Throws E_POLICY_INVALID. */
export async function readPolicy({ option, workingFolder }: CommandContext): Promise<PluginPolicy> {
  const given = option('policy');
  if (given === undefined) return parsePolicy({});
  const path = resolve(workingFolder, given);
  let value: unknown;
  try {
    value = parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `expected a policy in YAML or JSON at ${path}; ${reason}`;
    throw new PluginError('E_POLICY_INVALID', message, { phase: 'policy', details: { path }, cause });
  }
  return withPathsOf(parsePolicy(value), path);
}
