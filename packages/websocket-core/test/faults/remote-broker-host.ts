import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { Broker, BrokerListener } from '../../src/core/broker.ts';
import type { FleetwireError } from '../../src/core/errors.ts';
import { createMemoryBroker } from '../../src/core/memory-broker.ts';
import type { BrokerLine, BrokerOperation } from './remote-broker.ts';

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
  const write = (line: BrokerLine): void => {
    socket.write(`${JSON.stringify(line)}\n`);
  };
  const run = (operation: BrokerOperation): Promise<unknown> => {
    switch (operation.op) {
      case 'publish':
        return broker.publish(...operation.args);
      case 'history':
        // JSON has no undefined: an absent position comes as null.
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
  const lines = createInterface({ input: socket });
  // Passed on from the socket: a server that was killed.
  lines.on('error', () => {});
  lines.on('line', (text) => {
    const { id, ...operation } = JSON.parse(text) as BrokerOperation & { readonly id: number };
    run(operation).then(
      (result) => {
        write({ id, result });
      },
      (error: FleetwireError) => {
        write({ id, error: { code: error.code, message: error.message } });
      },
    );
  });
}
