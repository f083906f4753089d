import { LineCounter, parseDocument } from 'yaml';

type Fields = Readonly<Record<string, unknown>>;

/** One context of a kubeconfig with what it names; `cluster` or `user` is absent where the file has no such entry. */
export interface KubeconfigContext {
  readonly name: string;
  readonly isCurrent: boolean;
  readonly clusterName: string;
  /** Absent: requests are anonymous. */
  readonly userName: string | undefined;
  readonly namespace: string | undefined;
  readonly cluster: Fields | undefined;
  readonly user: Fields | undefined;
}

/** What a text turned out to be. `line` counts from 1. */
export type KubeconfigReading =
  | { readonly status: 'empty' }
  | { readonly status: 'unreadable'; readonly message: string; readonly line?: number }
  | { readonly status: 'read'; readonly contexts: readonly KubeconfigContext[] };

/** Reads a kubeconfig, YAML or JSON. Two entries with one name are refused, as by kubectl. */
export function readKubeconfig(text: string): KubeconfigReading {
  if (text.trim() === '') return { status: 'empty' };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) {
    // A parser's words may quote the text, and this one holds credentials: the line is enough.
    return { status: 'unreadable', message: 'This is neither YAML nor JSON', line: lines.linePos(error.pos[0]).line };
  }
  let content: unknown;
  try {
    content = document.toJS();
  } catch {
    return { status: 'unreadable', message: 'Its aliases stand for more than a kubeconfig holds' };
  }
  if (!isFields(content) || !('contexts' in content || 'clusters' in content)) {
    return { status: 'unreadable', message: 'This is no kubeconfig: expected clusters, users and contexts' };
  }
  return readContent(content);
}

/** A kubeconfig of these contexts alone, as JSON, so that nothing else of the text leaves the page. */
export function writeKubeconfig(contexts: readonly KubeconfigContext[]): string {
  const clusters = new Map(contexts.map(({ clusterName, cluster }) => [clusterName, cluster]));
  const users = new Map(contexts.map(({ userName, user }) => [userName, user]));
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [...clusters].map(([name, cluster]) => ({ name, cluster })),
    users: [...users].flatMap(([name, user]) => (name === undefined ? [] : [{ name, user }])),
    contexts: contexts.map(({ name, clusterName, userName, namespace }) => ({
      name,
      context: { cluster: clusterName, user: userName, namespace },
    })),
  });
}

function readContent(content: Fields): KubeconfigReading {
  const clusters = entriesOf(content['clusters'], 'cluster');
  const users = entriesOf(content['users'], 'user');
  const contexts = entriesOf(content['contexts'], 'context');
  if (typeof clusters === 'string') return { status: 'unreadable', message: `clusters: ${clusters}` };
  if (typeof users === 'string') return { status: 'unreadable', message: `users: ${users}` };
  if (typeof contexts === 'string') return { status: 'unreadable', message: `contexts: ${contexts}` };
  if (contexts.size === 0) {
    return { status: 'unreadable', message: 'It has no context, so it does not say how to reach a cluster' };
  }
  return {
    status: 'read',
    contexts: [...contexts].map(([name, context]) => {
      const clusterName = textOf(context['cluster']) ?? '';
      const userName = textOf(context['user']);
      return {
        name,
        isCurrent: content['current-context'] === name,
        clusterName,
        userName,
        namespace: textOf(context['namespace']),
        cluster: clusters.get(clusterName),
        user: userName === undefined ? undefined : users.get(userName),
      };
    }),
  };
}

/** The entries by name, or what is wrong with them. kubectl writes `null` for an empty list. */
function entriesOf(list: unknown, key: string): ReadonlyMap<string, Fields> | string {
  const entries = new Map<string, Fields>();
  if (list === undefined || list === null) return entries;
  const expected = `expected a list of entries with a name and a ${key} each`;
  if (!Array.isArray(list)) return expected;
  for (const entry of list as readonly unknown[]) {
    const name = isFields(entry) ? entry['name'] : undefined;
    if (!isFields(entry) || typeof name !== 'string') return expected;
    const value = entry[key] ?? {};
    if (!isFields(value)) return expected;
    if (entries.has(name)) return `“${name}” is there twice`;
    entries.set(name, value);
  }
  return entries;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
