import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP proxy whose network can fail in every way that the suite needs. */
export interface TcpProxy {
  readonly url: string;
  /** Port that new connections are led to; what is connected stays. */
  target: number;
  /** Instead of `target`: asked for each new connection, as a load balancer is. */
  route: (() => number) | undefined;
  /** New connections are reset at once. */
  refuses: boolean;
  readonly connections: number;
  /** Connections so far. */
  readonly accepted: number;
  /** Resets every connection, at both ends. */
  reset(): void;
  /** Ends every connection in order, at both ends. */
  end(): void;
  /** Resets a connection once it has carried so many more bytes to its client: in the middle of a frame, say. */
  resetAfter(bytes: number): void;
  /** What the present connections send vanishes, both ways, and no end is told. New ones are not affected. */
  blackhole(): void;
  /** Bytes a second towards the clients; Infinity takes the limit away, 0 stops reading from the server. */
  bytesPerSecond: number;
  /** Bytes that went to clients. */
  readonly bytesToClients: number;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  swallows: boolean;
  resetAfter: number;
}

/** Pause between two reads of a throttled connection. */
const throttleStepMs = 10;

/** Starts a proxy to a port of this machine; it ends with the test. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const listener = createServer({ pauseOnConnect: true });
  let accepted = 0;
  let bytesToClients = 0;

  const destroy = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.server.resetAndDestroy();
  };

  listener.on('connection', (client) => {
    accepted += 1;
    if (proxy.refuses) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: proxy.route?.() ?? proxy.target, host: '127.0.0.1', noDelay: true });
    client.setNoDelay(true);
    const pair: Pair = { client, server, swallows: false, resetAfter: Infinity };
    pairs.add(pair);
    carry(client, server, pair);
    const onCarried = (bytes: number): void => {
      bytesToClients += bytes;
      pair.resetAfter -= bytes;
      if (pair.resetAfter <= 0) destroy(pair);
    };
    carryThrottled(pair, () => proxy.bytesPerSecond, onCarried);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', () => {
        if (!pair.swallows) other.destroy();
        if (other.destroyed) pairs.delete(pair);
      });
    }
  });

  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    for (const pair of [...pairs]) destroy(pair);
    listener.close();
  });
  const proxy: TcpProxy = {
    url: `ws://127.0.0.1:${String((listener.address() as AddressInfo).port)}/ws`,
    target,
    route: undefined,
    refuses: false,
    bytesPerSecond: Infinity,
    get connections() {
      return [...pairs].filter(({ client, server }) => !client.destroyed && !server.destroyed).length;
    },
    get accepted() {
      return accepted;
    },
    get bytesToClients() {
      return bytesToClients;
    },
    reset() {
      for (const pair of [...pairs]) destroy(pair);
    },
    end() {
      for (const { client, server } of pairs) {
        client.end();
        server.end();
      }
    },
    resetAfter(bytes) {
      for (const pair of pairs) pair.resetAfter = bytes;
    },
    blackhole() {
      for (const pair of pairs) pair.swallows = true;
    },
  };
  return proxy;
}

function carry(from: Socket, to: Socket, pair: Pair): void {
  from.on('data', (bytes) => {
    if (!pair.swallows && !to.write(bytes)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => {
    if (!pair.swallows) to.end();
  });
  from.resume();
}

/** From the server to its client, at the proxy's pace; reads no more than it has passed on. */
function carryThrottled(pair: Pair, bytesPerSecond: () => number, onCarried: (bytes: number) => void): void {
  const { client, server } = pair;
  let readAt = performance.now();
  let isBlocked = false;
  let timer: NodeJS.Timeout | undefined;
  const step = (): void => {
    clearTimeout(timer);
    if (isBlocked || client.destroyed || server.destroyed) return;
    const rate = bytesPerSecond();
    const now = performance.now();
    const budget = rate === Infinity ? Infinity : Math.floor(((now - readAt) / 1_000) * rate);
    if (rate !== Infinity) timer = setTimeout(step, throttleStepMs);
    if (budget <= 0) return;
    const available = server.readableLength;
    // What was not used while nothing came is not saved up.
    readAt = now;
    const bytes = available === 0 ? null : (server.read(Math.min(available, budget)) as Buffer | null);
    if (bytes === null || pair.swallows) return;
    isBlocked = !client.write(bytes);
    onCarried(bytes.length);
  };
  server.on('readable', step);
  client.on('drain', () => {
    isBlocked = false;
    step();
  });
  server.on('end', () => {
    if (!pair.swallows) client.end();
  });
  server.on('close', () => {
    clearTimeout(timer);
  });
}
