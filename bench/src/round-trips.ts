import { once } from 'node:events';
import { WebSocket } from 'ws';
import { createClient } from '@fleetwire/websocket-core/client';
import { dialects, type ContenderName } from './dialects.ts';
import { RawPeer } from './raw-peer.ts';
import { quantile } from './statistics.ts';

/** A client that people use, reduced to asking and waiting. */
interface Asker {
  ask(text: string): Promise<unknown>;
  dispose(): void;
}

const text = 'x'.repeat(64);

/** The first tenth warms up. */
function p50Of(took: Float64Array): number {
  return quantile(took.subarray(took.length / 10), 0.5);
}

/** Round trips one after the other on a raw peer of their own; resolves with the p50 in microseconds. */
export function rawRoundTrips(name: ContenderName, port: number, count: number): Promise<number> {
  const dialect = dialects[name];
  const took = new Float64Array(count);
  return new Promise<number>((resolve) => {
    let done = 0;
    let sentAt = 0;
    const ask = (): void => {
      sentAt = performance.now();
      peer.send(dialect.echoRequest(done + 1, text));
    };
    const peer = new RawPeer({
      dialect,
      port,
      onReady() {
        // Only when the answer that made it ready has been read to its end.
        setImmediate(ask);
      },
      onDelivery: () => undefined,
      onText() {
        took[done] = (performance.now() - sentAt) * 1000;
        done += 1;
        if (done < count) return ask();
        peer.destroy();
        resolve(p50Of(took));
      },
      onClosed: () => undefined,
    });
  });
}

/** Round trips one after the other through a whole client; resolves with the p50 in microseconds. */
export async function clientRoundTrips(name: ContenderName, port: number, count: number): Promise<number> {
  const url = `ws://127.0.0.1:${String(port)}${dialects[name].path}`;
  const asker = name === 'fleetwire' ? createFleetwireAsker(url) : await createWsAsker(url);
  const took = new Float64Array(count);
  for (let done = 0; done < count; done += 1) {
    const sentAt = performance.now();
    await asker.ask(text);
    took[done] = (performance.now() - sentAt) * 1000;
  }
  asker.dispose();
  return p50Of(took);
}

/** Both on `ws`, so that the same WebSocket implementation is under both. */
function createFleetwireAsker(url: string): Asker {
  const client = createClient({
    url,
    getToken: () => 'bench',
    openSocket: (to, protocols) => new WebSocket(to, protocols, { perMessageDeflate: false }),
  });
  return {
    ask: (text) => client.request('bench.echo', text),
    dispose: () => {
      client.dispose();
    },
  };
}

async function createWsAsker(url: string): Promise<Asker> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  let answered: (data: unknown) => void = () => undefined;
  socket.on('message', (data) => {
    answered(data);
  });
  return {
    ask: (text) =>
      new Promise((resolve) => {
        answered = resolve;
        socket.send(text);
      }),
    dispose: () => {
      socket.terminate();
    },
  };
}
