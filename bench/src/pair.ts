import { startChild, type Child } from './child-calls.ts';
import type { ContenderName } from './dialects.ts';

/** A contender's server and its subscribers, each in a process of its own. */
export interface Pair {
  readonly name: ContenderName;
  readonly server: Child;
  readonly clients: Child;
  readonly port: number;
  /** Connections that the descriptors of both processes allow. */
  readonly maxConnections: number;
  dispose(): Promise<void>;
}

export interface PairOptions {
  readonly exposeGc?: boolean;
  /** Connections that each side must be able to hold. */
  readonly connections?: number;
}

const serverCore = 0;
const clientCore = 1;
/** Descriptors of a process beside its connections; some of a storm's sockets are closed after their successors open. */
const spareFiles = 1_000;

export async function startPair(name: ContenderName, options: PairOptions = {}): Promise<Pair> {
  const openFiles = options.connections === undefined ? undefined : options.connections + spareFiles;
  const server = startChild('./server-process.ts', {
    core: serverCore,
    arguments: [name],
    openFiles,
    nodeArguments: options.exposeGc === true ? ['--expose-gc'] : [],
  });
  const clients = startChild('./client-process.ts', { core: clientCore, arguments: [name], openFiles });
  const dispose = async (): Promise<void> => {
    await Promise.all([server.dispose(), clients.dispose()]);
  };
  try {
    const { port, controlPort } = await server.call<{ port: number; controlPort: number }>('listen');
    await clients.call('connectControl', { controlPort });
    const openFilesOf = await Promise.all([server, clients].map((child) => child.call<number | null>('openFiles')));
    const maxConnections = Math.min(...openFilesOf.map((files) => files ?? Infinity)) - spareFiles;
    return { name, server, clients, port, maxConnections, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Starts a pair for each name, gives them to `use`, and ends them whatever happens. */
export async function withPairs<T>(
  names: readonly ContenderName[],
  options: PairOptions,
  use: (pairs: readonly Pair[]) => Promise<T>,
): Promise<T> {
  const pairs: Pair[] = [];
  try {
    for (const name of names) pairs.push(await startPair(name, options));
    return await use(pairs);
  } finally {
    await Promise.all(pairs.map((pair) => pair.dispose()));
  }
}

/** Connects `count` more subscribers and waits until the server holds them all. */
export async function connectPeers({ clients, server, port, name }: Pair, count: number): Promise<number> {
  const open = await clients.call<number>('connectPeers', { count, port }, 120_000);
  const held = await server.call<number>('subscriberCount');
  if (held !== open)
    throw new Error(`${name}: expected ${String(open)} connections on the server, got ${String(held)}`);
  return held;
}
