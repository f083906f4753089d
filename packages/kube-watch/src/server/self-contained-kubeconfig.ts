import {
  checkContext,
  invalidKubeconfig,
  isAbsent,
  kindOf,
  type ContextProblem,
  type SelfContainedContext,
} from './self-contained-context.ts';

const maxContexts = 100;
/** Of clusters and of users, those that no context names included. */
const maxEntries = 1_000;
/** More of them help nobody. */
const maxProblems = 20;
const maxShownLength = 100;

const hint = 'make the file self-contained with: kubectl config view --flatten --minify';

type Section = 'contexts' | 'clusters' | 'users';
type Fields = Readonly<Record<string, unknown>>;

/** Where the fields of a context stand in a kubeconfig (k8s.io/client-go, `tools/clientcmd/api/v1`). */
const spelling: Readonly<Record<keyof SelfContainedContext, readonly [Section, string]>> = {
  name: ['contexts', 'name'],
  namespace: ['contexts', 'namespace'],
  server: ['clusters', 'server'],
  tlsServerName: ['clusters', 'tls-server-name'],
  certificateAuthorityData: ['clusters', 'certificate-authority-data'],
  insecureSkipTlsVerify: ['clusters', 'insecure-skip-tls-verify'],
  token: ['users', 'token'],
  clientCertificateData: ['users', 'client-certificate-data'],
  clientKeyData: ['users', 'client-key-data'],
  username: ['users', 'username'],
  password: ['users', 'password'],
};

const aFile = 'it names a file, which would be one of the server';
/** Why a field is refused that is more than what the user wrote. */
const refused: Readonly<Record<'clusters' | 'users', Readonly<Record<string, string>>>> = {
  clusters: {
    'certificate-authority': aFile,
    'proxy-url': 'the server reaches clusters through no proxy of a user',
  },
  users: {
    'client-certificate': aFile,
    'client-key': aFile,
    tokenFile: aFile,
    exec: 'it names a program, which the server does not run',
    'auth-provider': 'it names a plugin, which the server does not run',
  },
};

interface Entry {
  readonly name: string;
  /** What stands beside the name; undefined when that is no object. */
  readonly fields: Fields | undefined;
  readonly isTwin: boolean;
}

/**
 * The contexts of a kubeconfig that a user brings, given as parsed YAML or JSON. Each must be self-contained: what names
 * a file, a program, a proxy or another identity is refused, unknown fields are ignored. Throws a FleetwireError
 * INVALID_KUBECONFIG that lists, for each context, what was expected, what came and where; it holds names, and no values
 * of credentials.
 */
export function parseSelfContainedKubeconfig(document: unknown): readonly SelfContainedContext[] {
  if (!isObject(document)) throw invalidKubeconfig(`expected a kubeconfig, got ${kindOf(document)}`);
  const contexts = listOf(document, 'contexts', maxContexts);
  if (contexts.length === 0) throw invalidKubeconfig('contexts: expected at least one, got none');
  const clusters = entriesOf(document, 'clusters');
  const users = entriesOf(document, 'users');
  const problems: string[] = [];
  const names = new Set<string>();
  const read = contexts.flatMap((item, index) => {
    const found = readContext(item, clusters, users);
    const { name } = found;
    const where = `contexts[${String(index)}]${name === undefined ? '' : ` ${shown(name)}`}`;
    if (name !== undefined && names.has(name)) problems.push(`${where}: expected different names, got this one twice`);
    if (name !== undefined) names.add(name);
    if ('context' in found) return [found.context];
    problems.push(...found.problems.map((problem) => `${where}: ${problem}`));
    return [];
  });
  if (problems.length > 0) throw invalidKubeconfig(messageOf(problems));
  return read;
}

type Found = { readonly name: string | undefined } & (
  { readonly context: SelfContainedContext } | { readonly problems: readonly string[] }
);

function readContext(item: unknown, clusters: ReadonlyMap<string, Entry>, users: ReadonlyMap<string, Entry>): Found {
  if (!isObject(item)) return { name: undefined, problems: [`expected an object, got ${kindOf(item)}`] };
  const name = own(item, 'name');
  const named = { name: typeof name === 'string' ? name : undefined };
  const body = own(item, 'context');
  if (!isObject(body)) return { ...named, problems: [`context: expected an object, got ${kindOf(body)}`] };
  const cluster = referred(clusters, 'clusters', 'cluster', own(body, 'cluster'));
  // A context without a user is anonymous.
  const userName = own(body, 'user');
  const user = isAbsent(userName) ? noUser : referred(users, 'users', 'user', userName);
  const missing = [cluster, user].flatMap((found) => ('problem' in found ? [found.problem] : []));
  if ('problem' in cluster || 'problem' in user) return { ...named, problems: missing };

  const problems = [...refusalsOf('clusters', cluster), ...refusalsOf('users', user)];
  const sections: Readonly<Record<Section, Fields>> = {
    contexts: { name, namespace: own(body, 'namespace') },
    clusters: cluster.fields,
    users: user.fields,
  };
  const candidate = Object.fromEntries(
    Object.entries(spelling).map(([field, [section, key]]) => [field, own(sections[section], key)]),
  );
  const checked = checkContext(candidate);
  if ('context' in checked && problems.length === 0) return { ...named, context: checked.context };
  const where = { contexts: '', clusters: `clusters ${shown(cluster.name)}: `, users: `users ${shown(user.name)}: ` };
  const unfit = 'problems' in checked ? checked.problems : [];
  return { ...named, problems: [...problems, ...unfit.map((problem) => spelt(problem, where))] };
}

interface Referred {
  readonly name: string;
  readonly fields: Fields;
}

const noUser: Referred = { name: '', fields: {} };

function referred(
  entries: ReadonlyMap<string, Entry>,
  section: 'clusters' | 'users',
  key: string,
  name: unknown,
): Referred | { readonly problem: string } {
  if (typeof name !== 'string') return { problem: `${key}: expected a name, got ${kindOf(name)}` };
  const entry = entries.get(name);
  if (entry === undefined) return { problem: `${key}: expected the name of one of ${section}, got ${shown(name)}` };
  if (entry.isTwin) return { problem: `${section} ${shown(name)}: expected different names, got this one twice` };
  if (entry.fields === undefined) return { problem: `${section} ${shown(name)}: ${key}: expected an object` };
  return { name, fields: entry.fields };
}

function refusalsOf(section: 'clusters' | 'users', { name, fields }: Referred): string[] {
  return Object.keys(fields).flatMap((key) => {
    const isIdentity = section === 'users' && (key === 'as' || key.startsWith('as-'));
    const why = isIdentity ? 'requests run as the user of the credentials alone' : own(refused[section], key);
    if (typeof why !== 'string' || isEmpty(fields[key])) return [];
    return [`${section} ${shown(name)}: ${shown(key, '')} is not allowed: ${why}; ${hint}`];
  });
}

function spelt({ field, message }: ContextProblem, where: Readonly<Record<Section, string>>): string {
  const [section, key] = spelling[field];
  return `${where[section]}${key}: ${message}`;
}

function listOf(document: Fields, section: Section, max: number): readonly unknown[] {
  const value = own(document, section);
  // What kubectl writes for none.
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidKubeconfig(`${section}: expected a list, got ${kindOf(value)}`);
  if (value.length > max) {
    throw invalidKubeconfig(`${section}: expected at most ${String(max)}, got ${String(value.length)}`);
  }
  return value;
}

function entriesOf(document: Fields, section: 'clusters' | 'users'): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const key = section === 'clusters' ? 'cluster' : 'user';
  for (const item of listOf(document, section, maxEntries)) {
    const name = isObject(item) ? own(item, 'name') : undefined;
    // What has no name is named by no context.
    if (!isObject(item) || typeof name !== 'string') continue;
    const body = own(item, key);
    const fields = isObject(body) ? body : body === undefined || body === null ? {} : undefined;
    entries.set(name, { name, fields, isTwin: entries.has(name) });
  }
  return entries;
}

function messageOf(problems: readonly string[]): string {
  const more = problems.length - maxProblems;
  const lines = more > 0 ? [...problems.slice(0, maxProblems), `and ${String(more)} more`] : problems;
  return lines.join('\n');
}

/** A name as it may be shown: short, and its control characters escaped. */
function shown(name: string, quote = '"'): string {
  const text = JSON.stringify(name.length > maxShownLength ? `${name.slice(0, maxShownLength)}…` : name);
  return quote === '' ? text.slice(1, -1) : text;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of what the file says, nothing that every object has. */
function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** As `as-groups: []`, which says nothing. */
function isEmpty(value: unknown): boolean {
  return isAbsent(value) || (Array.isArray(value) && value.length === 0);
}
