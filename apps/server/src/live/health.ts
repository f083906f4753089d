import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { systemScopeKey, type ChannelSource, type FeedSink, type Identity } from '@fleetwire/websocket-core/server';

/** How the server process is, at one moment. */
export interface ServerHealth {
  readonly version: string;
  readonly nodeVersion: string;
  readonly startedAt: number;
  readonly uptimeMs: number;
  /** 99th percentile of how late the event loop ran its timers since the sample before. */
  readonly eventLoopLagMs: number;
  /** Share of the time since the sample before in which the event loop was busy, 0 to 1. */
  readonly eventLoopUtilization: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly connections: number;
  readonly sampledAt: number;
}

/** Key of the one item of the channel `server/health`. */
export const healthKey = 'server';

const sampleIntervalMs = 1_000;

/** Two readers within this time get the same sample, or each would take the other's share of the histogram. */
const sampleLifetimeMs = 500;

const resolutionMs = 10;

/** Measures the process. */
export interface HealthMonitor {
  sample(): ServerHealth;
  dispose(): void;
}

/** Starts to measure. `connections` tells how many are open. */
export function createHealthMonitor(options: {
  readonly version: string;
  readonly connections: () => number;
}): HealthMonitor {
  const startedAt = Date.now() - process.uptime() * 1000;
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let utilization = performance.eventLoopUtilization();
  let last: ServerHealth | undefined;
  return {
    sample() {
      const sampledAt = Date.now();
      if (last !== undefined && sampledAt - last.sampledAt < sampleLifetimeMs) return last;
      const { rss, heapUsed } = process.memoryUsage();
      const now = performance.eventLoopUtilization();
      last = {
        version: options.version,
        nodeVersion: process.versions.node,
        startedAt: Math.round(startedAt),
        uptimeMs: Math.round(sampledAt - startedAt),
        // Node records the time between two runs of its timer, so a loop without lag shows the timer's own interval.
        eventLoopLagMs: histogram.count === 0 ? 0 : Math.max(0, round(histogram.percentile(99) / 1e6 - resolutionMs)),
        eventLoopUtilization: round(performance.eventLoopUtilization(now, utilization).utilization),
        rssBytes: rss,
        heapUsedBytes: heapUsed,
        connections: options.connections(),
        sampledAt,
      };
      utilization = now;
      histogram.reset();
      return last;
    },
    dispose() {
      histogram.disable();
    },
  };
}

/** The state channel `server/health`: one item, a new sample each second while somebody subscribes. */
export function createHealthChannel(monitor: HealthMonitor): ChannelSource {
  return {
    pattern: 'server/health',
    class: 'state',
    // The process is everybody's: one feed for all organisations.
    authorize: () => ({ scopeKey: systemScopeKey }),
    open(_request, sink: FeedSink) {
      const publish = (): void => {
        sink.change({ set: [{ key: healthKey, value: monitor.sample() }] });
      };
      sink.replace([{ key: healthKey, value: monitor.sample() }]);
      const timer = setInterval(publish, sampleIntervalMs);
      return {
        dispose() {
          clearInterval(timer);
        },
      };
    },
  } satisfies ChannelSource<Identity>;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
