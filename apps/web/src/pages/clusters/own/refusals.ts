import type { KubeconfigContext } from './kubeconfig-text.ts';

/** Why the server would not take a context, and what to do about it. */
export interface Refusal {
  readonly reason: string;
  readonly advice: string;
  /** For a shell. */
  readonly command?: string | undefined;
}

/** Fields whose contents `kubectl config view --flatten` writes into the file in place of the path. */
const clusterFiles = ['certificate-authority'];
const userFiles = ['client-certificate', 'client-key'];

/**
 * What the server refuses of a context: whatever would be a file, a program or a proxy of the server's own. None: it may
 * be sent.
 */
export function refusalsOf(context: KubeconfigContext): readonly Refusal[] {
  const { clusterName, cluster, userName, user, name } = context;
  if (cluster === undefined) return [missing('cluster', clusterName)];
  if (userName !== undefined && user === undefined) return [missing('user', userName)];
  // What stands in the wrong section means nothing, and is not sent further by the server.
  const ofCluster = keysOf(cluster);
  const ofUser = keysOf(user);
  const withContext = `--context=${quoted(name)}`;
  const refusals: (Refusal | undefined)[] = [
    refusalOfServer(cluster['server']),
    filesRefusal(
      [...clusterFiles.filter((key) => ofCluster.includes(key)), ...userFiles.filter((key) => ofUser.includes(key))],
      withContext,
    ),
    programRefusal(user, withContext),
  ];
  if (ofUser.includes('tokenFile')) {
    refusals.push({
      reason: 'Its token is in a file (tokenFile), which the server does not have.',
      advice: 'Write the token itself into the file, as token.',
    });
  }
  if (ofCluster.includes('proxy-url')) {
    refusals.push({
      reason: 'It goes through a proxy (proxy-url).',
      advice: 'The server connects directly: take proxy-url out if the cluster can be reached without it.',
    });
  }
  const as = ofUser.filter((key) => key === 'as' || key.startsWith('as-'));
  if (as.length > 0) {
    refusals.push({
      reason: `It acts as somebody else (${as.join(', ')}).`,
      advice: 'Use credentials of the user that is meant.',
    });
  }
  return refusals.filter((refusal) => refusal !== undefined);
}

/** How a context signs in, in a few words. */
export function describeUser({ user }: KubeconfigContext): string {
  const set = new Set(keysOf(user));
  if (set.has('exec')) return 'a program';
  if (set.has('auth-provider')) return 'an auth provider';
  if (set.has('token') || set.has('tokenFile')) return 'token';
  if (set.has('client-certificate-data') || set.has('client-certificate')) return 'client certificate';
  if (set.has('username')) return 'user name and password';
  return 'no credentials';
}

/** Whether a context takes whatever certificate the server shows. */
export function isUnverified({ cluster }: KubeconfigContext): boolean {
  return cluster?.['insecure-skip-tls-verify'] === true;
}

function refusalOfServer(server: unknown): Refusal | undefined {
  if (typeof server !== 'string' || server === '') {
    return { reason: 'It does not say where the cluster is.', advice: 'Add the address of its API as server.' };
  }
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol === 'https:') return undefined;
  return url?.protocol === 'http:'
    ? { reason: 'It is not encrypted.', advice: 'Give an address that begins with https://.' }
    : { reason: `“${server}” is no address.`, advice: 'Give one such as https://cluster.example:6443.' };
}

function filesRefusal(keys: readonly string[], withContext: string): Refusal | undefined {
  if (keys.length === 0) return undefined;
  const are = keys.length === 1 ? 'names a file' : 'names files';
  return {
    reason: `It ${are} (${keys.join(', ')}), which the server does not have.`,
    advice: 'This prints it with what the files hold:',
    command: `kubectl config view --flatten --minify ${withContext}`,
  };
}

function programRefusal(user: KubeconfigContext['user'], withContext: string): Refusal | undefined {
  const exec = user?.['exec'];
  const isProvider = !isNothing(user?.['auth-provider']);
  if (isNothing(exec) && !isProvider) return undefined;
  const command: unknown = typeof exec === 'object' && exec !== null && 'command' in exec ? exec.command : undefined;
  const what = typeof command === 'string' ? ` (${command})` : isProvider ? ' (auth-provider)' : '';
  return {
    reason: `Its credentials come from a program${what}, which the server does not run.`,
    advice: 'Give its user a token of a service account in place of it:',
    command: `kubectl ${withContext} create token SERVICE_ACCOUNT`,
  };
}

function missing(what: string, name: string): Refusal {
  return {
    reason: name === '' ? `It names no ${what}.` : `It names the ${what} “${name}”, which the file does not have.`,
    advice: `Add the ${what}, or use another context.`,
  };
}

/** Keys that say something. */
function keysOf(fields: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  return Object.entries(fields ?? {})
    .filter(([, value]) => !isNothing(value))
    .map(([key]) => key);
}

/** What kubectl writes, and takes, for what is not set. */
function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === '' || value === false;
}

/** As a POSIX shell reads it as one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
