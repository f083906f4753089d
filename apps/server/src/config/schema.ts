import { delimiter } from 'node:path';
import { z } from 'zod';
import { isCidrBlock, networkKinds } from '../clusters/address-policy.ts';
import { parseSecretKey } from '../clusters/secret-key.ts';
import { isAddressBlock } from '../http/address-blocks.ts';

/** What one key of the configuration is called, and what it takes. */
export interface KeyInfo {
  /** Flag without its dashes; absent for what must not stand in a list of processes. */
  readonly flag?: string;
  /** What the flag means without a value; absent where it needs one. */
  readonly bareFlag?: string;
  /** Absent for what is too large for a variable. */
  readonly env?: string;
  /** The same variable by another name, which wins: those of all programs are in lower case too. */
  readonly otherEnv?: string;
  /** How `fleetwire.yaml` holds it: a list is joined by the separator; absent: not at all. Default a scalar. */
  readonly file?: { readonly list: string } | 'map' | 'never';
  /** Ends the sentence "expected …". */
  readonly expects: string;
  readonly description: string;
  /** Its value is never printed, and may stand in a file that the variable with `_FILE` at its end names. */
  readonly secret?: boolean;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const demoModes = ['auto', 'on', 'off'] as const;

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

function urlOf(...protocols: readonly string[]) {
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));
}

function list(separator: string, item: RegExp) {
  return z
    .string()
    .default('')
    .transform((text) => text.split(separator).filter((entry) => entry !== ''))
    .pipe(z.array(z.string().regex(item)));
}

/** Networks by commas; `off`, or the empty list of a file, is none. */
function networks(defaultValue: string) {
  const isNetwork = (entry: string) => networkKinds.some((kind) => kind === entry) || isCidrBlock(entry);
  return z
    .string()
    .default(defaultValue)
    .transform((text) => (text === 'off' ? [] : text.split(',').filter((entry) => entry !== '')))
    .pipe(z.array(z.string().refine(isNetwork)));
}

function key<S extends z.ZodType>(schema: S, info: KeyInfo): S {
  return schema.meta({ info });
}

/** Name of a namespace (RFC 1123 label). */
const namespaceSchema = z.string().regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/);

/** Settings of one cluster. */
const clusterSchema = z.strictObject({
  /** Names of the organisations that have it. Default: the first one, `default`. */
  orgs: z.array(z.string()).default(['default']),
  /** `shared`: requests run under the cluster's own credentials. `impersonate`: as the user, by those. Default shared. */
  identity: z.enum(['shared', 'impersonate']).default('shared'),
  /** Confines the organisations to one namespace. Default: they see all. */
  namespace: namespaceSchema.optional(),
  /** The same for each organisation by its name; one that is not named does not have the cluster then. */
  namespaces: z.record(z.string(), namespaceSchema).optional(),
});

/** Every key of the configuration: its type, its default and, as metadata, its {@link KeyInfo}. */
export const configSchema = z.object({
  configFile: key(z.string().min(1).optional(), {
    flag: 'config',
    env: 'FLEETWIRE_CONFIG',
    file: 'never',
    expects: 'the path of a file',
    description: 'file with more of the configuration; without one, `./fleetwire.yaml` if it is there',
  }),
  port: key(wholeNumber(0, 65_535).default(8080), {
    flag: 'port',
    env: 'FLEETWIRE_PORT',
    expects: 'a whole number from 0 to 65535',
    description: 'port to listen on; 0 picks a free one',
  }),
  host: key(z.string().min(1).default('127.0.0.1'), {
    flag: 'host',
    env: 'FLEETWIRE_HOST',
    expects: 'an address or a host name of this machine',
    description: 'address to listen on',
  }),
  tlsPort: key(z.union([z.literal('off'), wholeNumber(0, 65_535)]).default(8443), {
    flag: 'tls-port',
    env: 'FLEETWIRE_TLS_PORT',
    expects: 'a whole number from 0 to 65535, or off',
    description: 'port for TLS; 0 picks a free one, `off` listens on none',
  }),
  tlsCert: key(z.string().min(1).optional(), {
    flag: 'tls-cert',
    env: 'FLEETWIRE_TLS_CERT',
    expects: 'the path of a PEM file',
    description: 'certificate for TLS with its chain; without one, the server makes its own authority and certificate',
  }),
  tlsKey: key(z.string().min(1).optional(), {
    flag: 'tls-key',
    env: 'FLEETWIRE_TLS_KEY',
    expects: 'the path of a PEM file',
    description: 'key of that certificate; needed with it, and it alone',
  }),
  allowedHosts: key(list(',', /^[^\s/:*]+$/), {
    flag: 'allowed-hosts',
    env: 'FLEETWIRE_ALLOWED_HOSTS',
    file: { list: ',' },
    expects: 'host names without ports and wildcards, separated by commas',
    description: 'names that requests may call the server by; on a loopback address, addresses and `localhost` alone',
  }),
  trustedProxies: key(
    list(',', /^[^\s,]+$/).refine((blocks) => blocks.every(isAddressBlock)),
    {
      flag: 'trusted-proxies',
      env: 'FLEETWIRE_TRUSTED_PROXIES',
      file: { list: ',' },
      expects: 'addresses or CIDR blocks such as 10.0.0.0/8, separated by commas',
      description: 'proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; by default none',
    },
  ),
  dataDir: key(z.string().min(1).default('./.fleetwire'), {
    flag: 'data-dir',
    env: 'FLEETWIRE_DATA_DIR',
    expects: 'the path of a folder',
    description: 'data folder: database, certificates; made on the first start',
  }),
  databaseUrl: key(urlOf('postgres:', 'postgresql:').optional(), {
    env: 'DATABASE_URL',
    expects: 'a URL such as postgres://user:password@host/database',
    description: 'PostgreSQL database; without one, SQLite in the data folder',
    secret: true,
  }),
  redisUrl: key(urlOf('redis:', 'rediss:').optional(), {
    env: 'REDIS_URL',
    expects: 'a URL such as redis://host:6379',
    description: 'Redis that joins replicas; not built yet, and refused',
    secret: true,
  }),
  replicaUrl: key(urlOf('http:', 'https:').optional(), {
    flag: 'replica-url',
    env: 'FLEETWIRE_REPLICA_URL',
    expects: 'an http or https URL',
    description: 'where other replicas reach this one',
  }),
  demo: key(z.enum(demoModes).default('auto'), {
    flag: 'demo',
    bareFlag: 'on',
    env: 'FLEETWIRE_DEMO',
    expects: `one of ${demoModes.join(', ')}`,
    description:
      'the demo cluster `demo`, and a catalog `demo` of plugins to try; `auto`: where there is no kubeconfig and no service account of a pod',
  }),
  kubeconfig: key(list(delimiter, /^[^\0]+$/), {
    flag: 'kubeconfig',
    env: 'KUBECONFIG',
    file: { list: delimiter },
    expects: `paths of files, separated by \`${delimiter}\``,
    description: 'kubeconfig files, each context a cluster; without one, `~/.kube/config` if it is there',
  }),
  clusters: key(z.record(z.string(), clusterSchema).default({}), {
    file: 'map',
    expects:
      'settings by cluster: {name: {orgs: [organisation, …], identity: shared or impersonate, namespace: name, namespaces: {organisation: name}}}',
    description: 'whom clusters belong to and how requests run on them',
  }),
  ownClusterNetworks: key(networks('public'), {
    flag: 'own-cluster-networks',
    env: 'FLEETWIRE_OWN_CLUSTER_NETWORKS',
    file: { list: ',' },
    expects: '`public`, `private`, `loopback` or CIDR blocks, separated by commas, or `off`',
    description: 'where the clusters may be that users add for themselves; `off`: users cannot add any',
  }),
  pluginPolicy: key(z.string().min(1).optional(), {
    flag: 'plugin-policy',
    env: 'FLEETWIRE_PLUGIN_POLICY',
    expects: 'the path of a file',
    description:
      'policy of plugins in YAML or JSON: sources, hosts, signatures, limits; without one, Artifact Hub, and archives of GitHub, GitLab and Bitbucket',
  }),
  pluginProxy: key(urlOf('http:').optional(), {
    env: 'FLEETWIRE_PLUGIN_PROXY',
    expects: 'an http URL such as http://user:password@proxy:3128',
    description:
      'HTTP proxy for the catalogs and archives of plugins, but those that the policy calls local; without one, `HTTPS_PROXY`',
    secret: true,
  }),
  httpsProxy: key(z.string().optional(), {
    env: 'HTTPS_PROXY',
    otherEnv: 'https_proxy',
    file: 'never',
    expects: 'an http URL such as http://user:password@proxy:3128, or proxy:3128',
    description: 'the same, where `pluginProxy` is not set: the proxy that all programs of a machine take',
    secret: true,
  }),
  noProxy: key(z.string().optional(), {
    env: 'NO_PROXY',
    otherEnv: 'no_proxy',
    file: 'never',
    expects: 'names, addresses and CIDR blocks, separated by commas',
    description: 'hosts that `HTTPS_PROXY` is not for, a name with those below it; `*`: all',
  }),
  pluginCa: key(z.string().min(1).optional(), {
    flag: 'plugin-ca',
    env: 'FLEETWIRE_PLUGIN_CA',
    expects: 'the path of a PEM file',
    description:
      'certificates of authorities that catalogs and archives of plugins may have too, beside the usual ones',
  }),
  secretKey: key(
    z
      .string()
      .transform((text, { issues }) => {
        const bytes = parseSecretKey(text);
        if (bytes === undefined) issues.push({ code: 'custom', input: text });
        return bytes ?? z.NEVER;
      })
      .optional(),
    {
      env: 'FLEETWIRE_SECRET_KEY',
      expects: '32 random bytes in base64 or in hex',
      description:
        "key that seals users' clusters and answers that may be asked for again; without one, `secret.key` in the data folder",
      secret: true,
    },
  ),
  logLevel: key(z.enum(logLevels).default('info'), {
    flag: 'log-level',
    env: 'FLEETWIRE_LOG_LEVEL',
    expects: `one of ${logLevels.join(', ')}`,
    description: 'least level of the log lines on stderr',
  }),
  drainDeadlineMs: key(wholeNumber(0, 600_000).default(20_000), {
    flag: 'drain-deadline-ms',
    env: 'FLEETWIRE_DRAIN_DEADLINE_MS',
    expects: 'a whole number of milliseconds from 0 to 600000',
    description: 'time that a stopping server gives its connections to leave',
  }),
  auditRetentionDays: key(wholeNumber(0, 36_500).default(365), {
    flag: 'audit-retention-days',
    env: 'FLEETWIRE_AUDIT_RETENTION_DAYS',
    expects: 'a whole number of days from 0 to 36500',
    description: 'how long the audit log keeps its entries; 0 keeps them for ever',
  }),
  adminPassword: key(z.string().min(8).max(1024).optional(), {
    env: 'FLEETWIRE_ADMIN_PASSWORD',
    expects: '8 to 1024 characters',
    description: 'password of `admin` on the first start; without one, it is made and printed once',
    secret: true,
  }),
});

export type Config = z.output<typeof configSchema>;

/** Name of a key. */
export type ConfigKey = keyof Config;

/** The keys with their metadata and defaults, for `--help` and the documents. */
export const configKeys: readonly (KeyInfo & { readonly name: ConfigKey; readonly defaultValue: string })[] = (
  Object.keys(configSchema.shape) as ConfigKey[]
).map((name) => {
  const info = configSchema.shape[name].meta()?.['info'] as KeyInfo;
  const value: unknown = configSchema.shape[name].safeParse(undefined).data;
  const isShown = typeof value === 'string' || typeof value === 'number' || Array.isArray(value);
  return { ...info, name, defaultValue: isShown ? String(value) : '' };
});

/** The configuration cannot be used; each problem is one line that names the key, its value and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
