import process from 'node:process';
import { scaleTimings, timings as documented, type Timings } from '../../src/protocol/timings.ts';

/** The documents' durations are divided by this: ten in the normal run, one under FLEETWIRE_TEST_SCALE=full. */
export const divisor = process.env['FLEETWIRE_TEST_SCALE'] === 'full' ? 1 : 10;

/** The documents' durations at the scale of this run. */
export const timings: Timings = scaleTimings(divisor);

/**
 * The same, but with the documents' own time limits for what the other end does: a machine that stands still for a
 * second must not look like a fault that the case did not make. A case about one of them sets it back to `timings`.
 */
export const calmTimings: Timings = {
  ...timings,
  helloTimeoutMs: documented.helloTimeoutMs,
  pongTimeoutMs: documented.pongTimeoutMs,
  stallTimeoutMs: documented.stallTimeoutMs,
  subscribeTimeoutMs: documented.subscribeTimeoutMs,
  connectTimeoutMs: documented.connectTimeoutMs,
  requestTimeoutMs: documented.requestTimeoutMs,
};

/** A duration of the documents at the scale of this run. */
export function scaled(ms: number): number {
  return ms / divisor;
}

/** What a loaded machine may add to a deadline: processes of two packages share two cores. */
export const slackMs = 3_000;

/** Time that one case may take: its durations at full scale, and the start of its processes. */
export function caseTimeoutMs(documentedMs: number): number {
  return scaled(documentedMs) + 60_000;
}
