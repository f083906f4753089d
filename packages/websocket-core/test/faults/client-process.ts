import process from 'node:process';
import type { Timings } from '../../src/protocol/timings.ts';
import { serveCommands } from './commands.ts';
import { watchClient, type ClientReport, type WatchedClient } from './watched-client.ts';

/** A crowd of clients in a process of its own. */

export interface ClientProcessOptions {
  readonly timings: Timings;
  readonly url: string;
  readonly count: number;
  readonly channels: readonly string[];
  readonly token: string;
}

const { timings, url, count, channels, token } = JSON.parse(process.argv[2] as string) as ClientProcessOptions;

const clients: readonly WatchedClient[] = Array.from({ length: count }, () =>
  watchClient({ url, timings, getToken: () => token }, channels),
);

const commands = {
  /** How many have all their subscriptions. */
  live: () => clients.filter(({ isLive }) => isLive).length,
  /** Smallest of the last numbers that the clients have seen on a channel. */
  reached: (channel: string) => Math.min(...clients.map(({ log }) => log(channel).last)),
  report: (): readonly ClientReport[] => clients.map(({ states, feeds }) => ({ states, feeds })),
};

export type ClientCommands = typeof commands;

serveCommands(commands);
