// The subscribers' process: raw peers of one contender, driven by the runner's calls. First argument: its name.
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { answerCalls, openFilesLimit } from './child-calls.ts';
import { clientRoundTrips } from './clients.ts';
import { dialects, type ContenderName } from './dialects.ts';
import { ageMs } from './payload.ts';
import { RawPeer } from './raw-peer.ts';
import { quantile } from './statistics.ts';

/** What came of one round. */
export interface DeliveryRound {
  readonly deliveries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What came of bringing all peers back. */
export interface RestoreResult {
  readonly seconds: number;
  readonly recovered: number;
  readonly deliveries: number;
}

const name = process.argv[2] as ContenderName;
const dialect = dialects[name];
/** Peers that connect at the same time while the crowd is built up. */
const connectWindow = 100;
/** Each loopback address brings its own range of ephemeral ports. */
const localAddresses = Array.from({ length: 8 }, (_, index) => `127.0.0.${String(index + 1)}`);

const peers: RawPeer[] = [];
let port = 0;
let control: Socket | undefined;
let deliveries = 0;
let perBatch = Infinity;
let perPublication = Infinity;
let offsetMs = 0;
let latencies: number[] = [];
let position: string | undefined;
let onRestored: (() => void) | undefined;
let restoring = { ready: 0, recovered: 0, deliveries: 0, expected: Infinity, expectedDeliveries: Infinity };
let onClosedAll: (() => void) | undefined;
let openCount = 0;

function onDelivery(bytes: Buffer, start: number, end: number): void {
  deliveries += 1;
  if (perPublication !== Infinity) {
    // The publication's time is read once; the others of the same publication differ by when they are read.
    const now = performance.now();
    if ((deliveries - 1) % perPublication === 0) offsetMs = ageMs(bytes, start, end) - now;
    latencies.push(offsetMs + now);
  }
  if (deliveries % perBatch === 0) control?.write('.');
}

function open(localAddress: string, onReady: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const peer = new RawPeer({
      dialect,
      port,
      localAddress,
      onReady(_mode, at) {
        openCount += 1;
        position = at ?? position;
        onReady();
        resolve();
      },
      onDelivery,
      onClosed() {
        openCount -= 1;
        if (openCount === 0) onClosedAll?.();
        reject(new Error('the connection was closed'));
      },
    });
    peers.push(peer);
  });
}

function checkRestored(): void {
  if (restoring.ready === restoring.expected && restoring.deliveries === restoring.expectedDeliveries) onRestored?.();
}

/** Connects again whenever the server closes or refuses, at once: the worst crowd there is. */
function restore(index: number, since: string): void {
  let isReady = false;
  peers[index] = new RawPeer({
    dialect,
    port,
    localAddress: localAddresses[index % localAddresses.length],
    since,
    onReady(mode, at) {
      isReady = true;
      openCount += 1;
      if (at !== undefined && mode !== 'recovered') position = at;
      restoring.ready += 1;
      if (mode === 'recovered') restoring.recovered += 1;
      checkRestored();
    },
    onDelivery(bytes, start, end) {
      restoring.deliveries += 1;
      // The last publication's position is where the next storm resumes.
      if (index === 0) position = positionOf(bytes.toString('utf8', start, end)) ?? position;
      checkRestored();
    },
    onClosed() {
      if (isReady) {
        openCount -= 1;
        if (openCount === 0) onClosedAll?.();
      } else {
        setTimeout(() => {
          restore(index, since);
        }, 50);
      }
    },
  });
}

function positionOf(text: string): string | undefined {
  return (JSON.parse(text) as { position?: string }).position;
}

answerCalls({
  openFiles: openFilesLimit,
  connectControl: ({ controlPort }: { controlPort: number }) =>
    new Promise<void>((resolve) => {
      control = connect({ host: '127.0.0.1', port: controlPort, noDelay: true }, resolve);
    }),
  async connectPeers({ count, port: to }: { count: number; port: number }) {
    port = to;
    let started = 0;
    const run = async (): Promise<void> => {
      while (started < count) {
        started += 1;
        await open(localAddresses[started % localAddresses.length] as string, () => undefined);
      }
    };
    await Promise.all(Array.from({ length: connectWindow }, run));
    return openCount;
  },
  startRound({ outstanding, measureLatency }: { outstanding: number; measureLatency: boolean }) {
    deliveries = 0;
    latencies = [];
    perBatch = openCount * outstanding;
    perPublication = measureLatency ? openCount : Infinity;
  },
  endRound(): DeliveryRound {
    return { deliveries, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
  },
  /** Round trips one after the other on a connection of their own; answers with the p50 in microseconds. */
  roundTrips({ count, port: to }: { count: number; port: number }) {
    port = to;
    const text = 'x'.repeat(64);
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
          // After the constructor has returned and the answer was read.
          setImmediate(ask);
        },
        onDelivery: () => undefined,
        onText() {
          took[done] = (performance.now() - sentAt) * 1000;
          done += 1;
          if (done < count) return ask();
          peer.destroy();
          // The first tenth warms up.
          resolve(quantile(took.subarray(count / 10), 0.5));
        },
        onClosed: () => undefined,
      });
    });
  },
  clientRoundTrips: ({ count, port: to }: { count: number; port: number }) => clientRoundTrips(name, to, count),
  /** Resolves when all peers have lost their connection. */
  closedAll: () =>
    new Promise<void>((resolve) => {
      if (openCount === 0) resolve();
      else onClosedAll = resolve;
    }),
  restoreAll({ publications }: { publications: number }) {
    const startedAt = performance.now();
    const since = position;
    if (since === undefined) throw new Error('expected a position to resume after');
    restoring = {
      ready: 0,
      recovered: 0,
      deliveries: 0,
      expected: peers.length,
      expectedDeliveries: peers.length * publications,
    };
    return new Promise<RestoreResult>((resolve) => {
      onRestored = () => {
        const { recovered, deliveries: got } = restoring;
        resolve({ seconds: (performance.now() - startedAt) / 1000, recovered, deliveries: got });
      };
      for (let index = 0; index < peers.length; index += 1) restore(index, since);
    });
  },
});
