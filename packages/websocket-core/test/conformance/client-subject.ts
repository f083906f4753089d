import { createClient } from '../../src/client/create-client.ts';
import type { Subscription } from '../../src/client/types.ts';
import type { ConformanceAction, ConformanceSubject } from '../../src/testing/conformance.ts';
import { wireOfAccepted, type ConformanceWire } from '../../src/testing/conformance-wire.ts';
import { createLinkedNetwork } from '../../src/testing/linked-network.ts';
import { createManualClock } from '../../src/testing/manual-clock.ts';
import { outcomesOfPromises } from './outcomes.ts';

interface Watched {
  readonly subscription: Subscription;
  readonly publications: unknown[];
  readonly gaps: unknown[];
}

/** Runs `create` where the runtime tells of its network; gives what says that it came back. */
function withNetworkEvents<T>(create: () => T): { readonly created: T; readonly wake: () => void } {
  const target = new EventTarget();
  const host = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
  const { addEventListener, removeEventListener } = host;
  host.addEventListener = target.addEventListener.bind(target);
  host.removeEventListener = target.removeEventListener.bind(target);
  try {
    return { created: create(), wake: () => target.dispatchEvent(new Event('online')) };
  } finally {
    Object.assign(host, { addEventListener, removeEventListener });
  }
}

/** The connecting peer of the fixture in `conformance/README.md`, on linked pairs and a manual clock. */
export function createClientSubject(): ConformanceSubject {
  const clock = createManualClock({ now: 1_000_000 });
  const wires: ConformanceWire[] = [];
  const network = createLinkedNetwork({
    accept: (socket) => {
      wires.push(wireOfAccepted(socket));
    },
  });
  const messages: unknown[] = [];
  const { created: client, wake } = withNetworkEvents(() =>
    createClient({
      url: 'wss://fleet.test/ws',
      autoConnect: false,
      openSocket: network.openSocket,
      getToken: ({ reason }) => (reason === 'connect' ? 'first' : 'second'),
      clock,
      random: () => 0.9,
      requests: {
        'test.echo': (params) => params ?? null,
        'test.fail': () => {
          throw new Error('not foreseen');
        },
        'test.wait': (_params, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reject(signal.reason as Error);
            });
          }),
      },
      onMessage: (name, data) => messages.push([name, data]),
    }),
  );
  const outcomes = outcomesOfPromises();
  const aborts = new Map<string, AbortController>();
  const watched = new Map<string, Watched>();

  const subscribe = ({ name, channel, params }: ConformanceAction): void => {
    const [publications, gaps]: [unknown[], unknown[]] = [[], []];
    const subscription = client.subscribe(channel as string, {
      params: params as Record<string, unknown> | undefined,
      onPublication: (data) => publications.push(data),
      onGap: (dropped) => gaps.push(dropped ?? 'unknown'),
    });
    watched.set(name as string, { subscription, publications, gaps });
  };
  const actions: Record<string, (action: ConformanceAction) => void> = {
    connect: () => {
      client.connect();
    },
    wake,
    request: ({ name, method, params, idempotencyKey }) => {
      const abort = new AbortController();
      aborts.set(name as string, abort);
      const options = { signal: abort.signal, idempotencyKey: idempotencyKey as string | undefined };
      outcomes.watch(name as string, client.request(method as string, params, options));
    },
    cancel: ({ name }) => {
      aborts.get(name as string)?.abort();
    },
    message: ({ name, data }) => {
      client.sendMessage(name as string, data);
    },
    subscribe,
    unsubscribe: ({ name }) => {
      watched.get(name as string)?.subscription.dispose();
    },
  };

  return {
    nextWire: () => wires.shift(),
    advance: async (ms) => {
      await clock.advanceAsync(ms);
      for (let turn = 0; turn < 8; turn += 1) await clock.settle();
    },
    act: (action) => {
      const act = actions[action.action];
      if (act === undefined) throw new Error(`unknown action ${action.action}`);
      act(action);
    },
    outcome: (name) => {
      if (name === 'messages') return messages;
      const found = watched.get(name);
      if (found === undefined) return outcomes.of(name);
      const { subscription, publications, gaps } = found;
      const items =
        subscription.items && Object.fromEntries([...subscription.items].map(([key, { value }]) => [key, value]));
      const error = subscription.state.status === 'failed' ? subscription.state.error.code : undefined;
      return { items, publications, gaps, error };
    },
    dispose: () => {
      client.dispose();
    },
  };
}
