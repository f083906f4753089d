import type { MetricsSink } from '@fleetwire/websocket-core/server';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The process's metrics in Prometheus text format. */
export interface Metrics {
  readonly sink: MetricsSink;
  readonly contentType: string;
  text(): Promise<string>;
}

/** Creates a registry with the process's own metrics and a sink for those of websocket-core. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    sink: {
      collected(metric) {
        const { name, help, type, labelNames } = metric;
        const options = { name, help, labelNames: [...labelNames], registers };
        if (type === 'gauge') {
          new Gauge({
            ...options,
            collect() {
              this.reset();
              for (const { labels, value } of metric.collect()) this.set(labels, value);
            },
          });
        } else {
          new Counter({
            ...options,
            // The counts live in the server; this one is filled anew each time somebody looks.
            collect() {
              this.reset();
              for (const { labels, value } of metric.collect()) this.inc(labels, value);
            },
          });
        }
      },
      histogram({ name, help, bucketsSeconds }) {
        const histogram = new Histogram({ name, help, buckets: [...bucketsSeconds], registers });
        return (seconds) => {
          histogram.observe(seconds);
        };
      },
    },
  };
}
