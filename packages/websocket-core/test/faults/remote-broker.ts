import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { Broker, BrokerEntry, BrokerListener } from '../../src/core/broker.ts';
import { FleetwireError } from '../../src/core/errors.ts';
import { createMemoryBroker } from '../../src/core/memory-broker.ts';

/** Carries a broker of the test to server processes, so that two of them are replicas: one JSON text a line. */

type Operation =
  | { readonly op: 'publish'; readonly args: Parameters<Broker['publish']> }
  | { readonly op: 'history'; readonly args: Parameters<Broker['history']> }
  | { readonly op: 'subscribe' | 'unsubscribe'; readonly feed: string; readonly subscription: number };

type Line =
  | { readonly id: number; readonly result?: unknown; readonly error?: { readonly code: string; readonly message: string } }
  | { readonly subscription: number; readonly entry: BrokerEntry };

/** A memory broker in this process, and the port at which others reach it. Both end with the test. */
export async function startBrokerHost(): Promise<{ readonly broker: Broker; readonly port: number }> {
  const broker = createMemoryBroker({ random: Math.random });
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveBroker(broker, socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    listener.close();
    await broker.dispose();
  });
  return { broker, port: (listener.address() as AddressInfo).port };
}

function serveBroker(broker: Broker, socket: Socket): void {
  const listeners = new Map<number, { readonly feed: string; readonly listener: BrokerListener }>();
  const write = (line: Line): void => {
    socket.write(`${JSON.stringify(line)}\n`);
  };
  const run = (operation: Operation): Promise<unknown> => {
    switch (operation.op) {
      case 'publish':
        return broker.publish(...operation.args);
      case 'history':
        return broker.history(operation.args[0], operation.args[1] ?? undefined, operation.args[2]);
      case 'subscribe': {
        const { feed, subscription } = operation;
        const listener: BrokerListener = (entry) => {
          write({ subscription, entry });
        };
        listeners.set(subscription, { feed, listener });
        return broker.subscribe(feed, listener);
      }
      case 'unsubscribe': {
        const known = listeners.get(operation.subscription);
        listeners.delete(operation.subscription);
        return known === undefined ? Promise.resolve() : broker.unsubscribe(known.feed, known.listener);
      }
    }
  };
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const { feed, listener } of listeners.values()) void broker.unsubscribe(feed, listener).catch(() => undefined);
  });
  createInterface({ input: socket }).on('line', (text) => {
    const { id, ...operation } = JSON.parse(text) as Operation & { readonly id: number };
    run(operation as Operation).then(
      (result) => {
        write({ id, result });
      },
      (error: FleetwireError) => {
        write({ id, error: { code: error.code, message: error.message } });
      },
    );
  });
}

/** The broker behind a port of {@link startBrokerHost}. */
export async function connectBroker(port: number): Promise<Broker> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const pending = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  const subscriptions = new Map<number, { readonly feed: string; readonly listener: BrokerListener }>();
  let lastId = 0;
  const run = <T>(operation: Operation): Promise<T> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      pending.set(lastId, { resolve, reject });
      socket.write(`${JSON.stringify({ id: lastId, ...operation })}\n`);
    });
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
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
    // JSON has no undefined: an absent position travels as null.
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
