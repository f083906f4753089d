// The server's process: one contender, driven by the runner's calls. First argument: the contender's name.
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import process from 'node:process';
import { answerCalls, openFilesLimit } from './child-calls.ts';
import { createContender } from './contenders/create-contender.ts';
import type { ContenderName } from './dialects.ts';
import { createPayload } from './payload.ts';

/** Result of one round of publications. */
export interface PublishRound {
  readonly publications: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** Memory of the process after full collections. */
export interface MemoryReading {
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly rssBytes: number;
}

const contender = await createContender(process.argv[2] as ContenderName);
const sockets = new Set<Socket>();
contender.httpServer.on('connection', (socket: Socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
});

// The subscribers' process sends one byte when a batch has reached them all.
let onBatch: () => void = () => undefined;
const control = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('data', () => {
    onBatch();
  });
  socket.on('error', () => undefined);
});

let peakRssBytes = 0;
let peakTimer: NodeJS.Timeout | undefined;

function listen(server: NetServer): Promise<number> {
  // The backlog of a server that expects storms; the system may cut it down.
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function readMemory(): Promise<MemoryReading> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await sleep(50);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, externalBytes: external, rssBytes: rss };
}

answerCalls({
  openFiles: openFilesLimit,
  async listen() {
    return { port: await listen(contender.httpServer), controlPort: await listen(control) };
  },
  subscriberCount: () => contender.subscriberCount,
  memory: readMemory,
  /** Publishes batches of `outstanding`, each when the last has reached all subscribers. */
  async publishRound({ outstanding, durationMs }: { outstanding: number; durationMs: number }): Promise<PublishRound> {
    let publications = 0;
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    do {
      const delivered = new Promise<void>((resolve) => {
        onBatch = resolve;
      });
      for (let count = 0; count < outstanding; count += 1) contender.publish(createPayload());
      publications += outstanding;
      await delivered;
    } while (performance.now() - startedAt < durationMs);
    const { user, system } = process.cpuUsage(cpuBefore);
    return { publications, cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - startedAt) / 1000 };
  },
  publish({ count }: { count: number }) {
    for (let done = 0; done < count; done += 1) contender.publish(createPayload());
  },
  /** Cuts every connection at once and publishes what the peers then have to recover. */
  cutAll({ publications }: { publications: number }) {
    for (const socket of sockets) socket.destroy();
    for (let done = 0; done < publications; done += 1) contender.publish(createPayload());
  },
  watchPeak() {
    clearInterval(peakTimer);
    peakRssBytes = process.memoryUsage.rss();
    peakTimer = setInterval(() => {
      peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
    }, 20);
  },
  peakRss: () => peakRssBytes,
});
