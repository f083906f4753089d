import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Broker, BrokerListener } from '../../src/core/broker.ts';
import { FleetwireError } from '../../src/core/errors.ts';
import type { BrokerLine, BrokerOperation } from './remote-broker.ts';

/** The broker behind a port of {@link startBrokerHost}. */
export async function connectBroker(port: number): Promise<Broker> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const pending = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  const subscriptions = new Map<number, { readonly feed: string; readonly listener: BrokerListener }>();
  let lastId = 0;
  const run = <T>(operation: BrokerOperation): Promise<T> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      pending.set(lastId, { resolve, reject });
      socket.write(`${JSON.stringify({ id: lastId, ...operation })}\n`);
    });
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', (text) => {
    const line = JSON.parse(text) as BrokerLine;
    if ('entry' in line) {
      subscriptions.get(line.subscription)?.listener(line.entry);
      return;
    }
    const call = pending.get(line.id);
    pending.delete(line.id);
    if (line.error === undefined) call?.resolve(line.result as never);
    else call?.reject(new FleetwireError(line.error.code, line.error.message));
  });
  return {
    publish: (...args) => run({ op: 'publish', args }),
    history: (...args) => run({ op: 'history', args }),
    subscribe(feed, listener) {
      const subscription = lastId + 1;
      subscriptions.set(subscription, { feed, listener });
      return run({ op: 'subscribe', feed, subscription });
    },
    async unsubscribe(feed, listener) {
      for (const [subscription, known] of subscriptions) {
        if (known.feed !== feed || known.listener !== listener) continue;
        subscriptions.delete(subscription);
        await run({ op: 'unsubscribe', feed, subscription });
        return;
      }
    },
    // The connection lasts as long as the process: what it carries is in order and complete.
    onLoss: () => () => {},
    async dispose() {
      socket.end();
    },
  };
}
