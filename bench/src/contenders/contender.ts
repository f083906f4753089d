import type { Server } from 'node:http';
import type { Payload } from '../payload.ts';

/** A server half under measurement. */
export interface Contender {
  readonly httpServer: Server;
  /** Sends to every subscriber. */
  publish(payload: Payload): void;
  readonly subscriberCount: number;
}
