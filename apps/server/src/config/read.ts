import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseConfigFile, type FileValue } from './file.ts';
import { ConfigError, configKeys, configSchema, type Config, type ConfigKey } from './schema.ts';

/** Variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a file; undefined when there is none. */
export type ReadText = (path: string) => string | undefined;

/** The configuration, and where each value that is no default came from. */
export interface ReadConfig {
  readonly config: Config;
  readonly sources: ReadonlyMap<ConfigKey, string>;
}

/** The file that is read when none is named. */
const defaultConfigFile = 'fleetwire.yaml';

interface Given {
  readonly value: unknown;
  readonly source: string;
  readonly fromFile?: FileValue;
}

/**
 * Reads flags, then the environment, then the file, then the defaults. Throws a {@link ConfigError} with every problem at
 * once, after those in `problems`.
 */
export function readConfig(
  flags: ReadonlyMap<string, string>,
  environment: Environment,
  problems: string[],
  readText: ReadText = readTextFile,
): ReadConfig {
  const given = new Map<ConfigKey, Given>();
  for (const { name, flag, env, otherEnv, secret } of configKeys) {
    const fromFlag = flag === undefined ? undefined : flags.get(flag);
    if (fromFlag !== undefined) given.set(name, { value: fromFlag, source: `--${String(flag)}` });
    else if (env !== undefined) {
      const variable = otherEnv === undefined || (environment[otherEnv] ?? '') === '' ? env : otherEnv;
      const found = fromEnvironment(variable, secret === true, environment, problems, readText);
      if (found !== undefined) given.set(name, found);
    }
  }
  for (const [name, value] of readFile(given.get('configFile'), problems, readText)) {
    if (!given.has(name)) given.set(name, { value: value.value, source: value.where, fromFile: value });
  }
  const parsed = configSchema.safeParse(Object.fromEntries([...given].map(([name, { value }]) => [name, value])));
  for (const { name, expects, secret } of configKeys) {
    const issues = parsed.error?.issues.filter(({ path }) => path[0] === name) ?? [];
    if (issues.length === 0) continue;
    const { value, source, fromFile } = given.get(name) ?? { value: undefined, source: name };
    const inside = issues.flatMap((issue) => fromFile?.describe(issue) ?? []);
    const shown = secret === true ? 'another value' : JSON.stringify(value);
    problems.push(...(inside.length > 0 ? inside : [`${source}: expected ${expects}, got ${shown}`]));
  }
  if (parsed.success) problems.push(...disagreements(parsed.data));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return { config: parsed.data, sources: new Map([...given].map(([name, { source }]) => [name, source])) };
}

function fromEnvironment(
  env: string,
  isSecret: boolean,
  environment: Environment,
  problems: string[],
  readText: ReadText,
): Given | undefined {
  // An empty variable is what a compose file leaves behind for one that is not set.
  const value = environment[env] === '' ? undefined : environment[env];
  const fileEnv = `${env}_FILE`;
  const path = isSecret ? environment[fileEnv] : undefined;
  if (path === undefined || path === '') return value === undefined ? undefined : { value, source: env };
  if (value !== undefined) {
    problems.push(`${fileEnv}: expected one of ${env} and ${fileEnv}, got both`);
    return undefined;
  }
  const text = readChecked(path, fileEnv, problems, readText);
  // Editors and `echo` end a file with a line feed that is no part of the secret.
  return text === undefined ? undefined : { value: text.replace(/\r?\n$/, ''), source: fileEnv };
}

function readFile(named: Given | undefined, problems: string[], readText: ReadText): ReadonlyMap<ConfigKey, FileValue> {
  const path = named === undefined ? defaultConfigFile : String(named.value);
  const text =
    named === undefined ? readOptional(path, problems, readText) : readChecked(path, named.source, problems, readText);
  return text === undefined ? new Map() : parseConfigFile(text, basename(path), problems);
}

function readChecked(path: string, source: string, problems: string[], readText: ReadText): string | undefined {
  const before = problems.length;
  const text = readOptional(path, problems, readText, source);
  if (text === undefined && problems.length === before) {
    problems.push(`${source}: expected the path of a file, and there is none at ${JSON.stringify(path)}`);
  }
  return text;
}

function readOptional(path: string, problems: string[], readText: ReadText, source: string = path): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    problems.push(`${source}: expected a file that can be read, got ${(error as Error).message}`);
    return undefined;
  }
}

/** What no schema of a single key sees. */
function disagreements({ tlsCert, tlsKey }: Config): string[] {
  return (tlsCert === undefined) === (tlsKey === undefined)
    ? []
    : [
        `--tls-cert, --tls-key: expected both or none, got ${tlsCert === undefined ? 'the key' : 'the certificate'} alone`,
      ];
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
