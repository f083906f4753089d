import { parseArgs } from 'node:util';
import { z } from 'zod';

/** What one key of the configuration is called, and what it takes. */
export interface KeyInfo {
  /** Flag without its dashes; absent for what must not stand in a list of processes. */
  readonly flag?: string;
  readonly env: string;
  /** Ends the sentence "expected …". */
  readonly expects: string;
  readonly description: string;
  /** Its value is never printed. */
  readonly secret?: boolean;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

function key<S extends z.ZodType>(schema: S, info: KeyInfo): S {
  return schema.meta({ info });
}

/** Every key of the configuration: its type, its default and, as metadata, its {@link KeyInfo}. */
export const configSchema = z.object({
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
  allowedHosts: key(
    z
      .string()
      .regex(/^[^\s/:]*$/)
      .default('')
      .transform((text) => text.split(',').filter((name) => name !== '')),
    {
      flag: 'allowed-hosts',
      env: 'FLEETWIRE_ALLOWED_HOSTS',
      expects: 'host names without ports, separated by commas',
      description: 'names that requests may call the server by; on a loopback address, addresses and `localhost` alone',
    },
  ),
  dataDir: key(z.string().min(1).default('./.fleetwire'), {
    flag: 'data-dir',
    env: 'FLEETWIRE_DATA_DIR',
    expects: 'the path of a folder',
    description: 'data folder: accounts and keys; made on the first start',
  }),
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
  adminPassword: key(z.string().min(8).max(1024).optional(), {
    env: 'FLEETWIRE_ADMIN_PASSWORD',
    expects: '8 to 1024 characters',
    description: 'password of `admin` on the first start; without one, it is made and printed once',
    secret: true,
  }),
});

export type Config = z.output<typeof configSchema>;

/** The keys with their metadata and defaults, for `--help` and the documents. */
export const configKeys: readonly (KeyInfo & { readonly name: keyof Config; readonly defaultValue: string })[] = (
  Object.keys(configSchema.shape) as (keyof Config)[]
).map((name) => {
  const info = configSchema.shape[name].meta()?.['info'] as KeyInfo;
  const value = configSchema.shape[name].safeParse(undefined).data;
  return { ...info, name, defaultValue: value === undefined ? '' : String(value) };
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

/** What a command line asks for. */
export type Command =
  { readonly kind: 'serve'; readonly config: Config } | { readonly kind: 'help' } | { readonly kind: 'version' };

/** Reads flags, then the environment, then the defaults. Throws a {@link ConfigError} with every problem at once. */
export function readCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const problems: string[] = [];
  const flags = readFlags(args, problems);
  if (flags.has('help')) return { kind: 'help' };
  if (flags.has('version')) return { kind: 'version' };
  const given: Record<string, string> = {};
  const sources = new Map<string, string>();
  for (const { name, flag, env } of configKeys) {
    const fromFlag = flag === undefined ? undefined : flags.get(flag);
    // An empty variable is what a compose file leaves behind for one that is not set.
    const value = fromFlag ?? (environment[env] === '' ? undefined : environment[env]);
    if (value === undefined) continue;
    given[name] = value;
    sources.set(name, fromFlag === undefined ? env : `--${String(flag)}`);
  }
  const parsed = configSchema.safeParse(given);
  const wrong = new Set(parsed.error?.issues.map((issue) => String(issue.path[0])));
  for (const { name, expects, secret } of configKeys.filter((candidate) => wrong.has(candidate.name))) {
    const shown = secret === true ? 'another value' : JSON.stringify(given[name]);
    problems.push(`${sources.get(name) ?? name}: expected ${expects}, got ${shown}`);
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return { kind: 'serve', config: parsed.data };
}

/** Text of `--help`. */
export function helpText(): string {
  const rows = configKeys.map(({ flag, env, description, defaultValue }) => {
    const left = flag === undefined ? env : `--${flag}, ${env}`;
    return `  ${left.padEnd(52)}${description}${defaultValue === '' ? '' : ` (${defaultValue})`}`;
  });
  return ['Usage: fleetwire [flags]', '', ...rows, '', 'Flags win over the environment.', ''].join('\n');
}

function readFlags(args: readonly string[], problems: string[]): ReadonlyMap<string, string> {
  const known = configKeys.flatMap(({ flag }) => (flag === undefined ? [] : [flag]));
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(known.map((flag) => [flag, { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  });
  const flags = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`${token.value}: expected a flag, got an argument`);
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.name === 'version') flags.set(token.name, '');
    else if (!known.includes(token.name)) {
      problems.push(`${token.rawName}: unknown flag; expected one of ${known.map((flag) => `--${flag}`).join(', ')}`);
    } else if (
      token.value === undefined ||
      token.value === '' ||
      (!token.inlineValue && token.value.startsWith('--'))
    ) {
      problems.push(`${token.rawName}: expected a value, got none`);
    } else flags.set(token.name, token.value);
  }
  return flags;
}
