import type { SubscribeMode } from '../protocol/frames.ts';
import { closeCodeName, closeCodes } from '../protocol/codes.ts';
import type { ChannelClass } from './types.ts';

export type MetricLabels = Readonly<Record<string, string>>;

/** One number of a metric, read when somebody looks. */
export interface MetricSample {
  readonly labels: MetricLabels;
  readonly value: number;
}

/** A metric that is read: counters and gauges. */
export interface CollectedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labelNames: readonly string[];
  collect(): readonly MetricSample[];
}

/** A metric that is observed: histograms, in seconds. */
export interface HistogramMetric {
  readonly name: string;
  readonly help: string;
  readonly bucketsSeconds: readonly number[];
}

/** Where metrics go; apps/server adapts prom-client to it. */
export interface MetricsSink {
  collected(metric: CollectedMetric): void;
  /** Returns the function that takes an observation. */
  histogram(metric: HistogramMetric): (seconds: number) => void;
}

export type ConnectResult =
  | 'accepted'
  | 'expired'
  | 'invalid'
  | 'forbidden'
  | 'failed'
  | 'refused_origin'
  | 'refused_rate'
  | 'refused_draining'
  | 'refused_protocol'
  | 'refused_path';

/** Numbers that only the server as a whole knows. */
export interface ServerGauges {
  readonly connections: number;
  readonly feeds: number;
  /** Encoded frames that feeds hold, in rings and snapshots. */
  readonly ringBytes: number;
  readonly queuedBytes: number;
}

/** Everything that `stats()` tells. Counts are since the start. */
export interface ServerStats extends ServerGauges {
  readonly connects: Readonly<Record<string, number>>;
  readonly closes: Readonly<Record<string, number>>;
  readonly framesIn: number;
  readonly charactersIn: number;
  readonly framesOut: Readonly<Record<string, number>>;
  readonly bytesOut: number;
  readonly publications: Readonly<Record<string, number>>;
  readonly lagged: Readonly<Record<string, number>>;
  /** Publications that slow connections missed on ephemeral feeds, as their gaps told them. */
  readonly dropped: number;
  readonly subscribes: Readonly<Record<string, number>>;
}

/** Counts as it goes in plain numbers, since the data path must not pay for labels. */
export class ServerMetrics {
  readonly #connects = new Map<string, number>();
  readonly #closes = new Map<string, number>();
  readonly #framesIn = new Map<string, number>();
  readonly #framesOut = new Map<string, number>();
  readonly #publications = new Map<string, number>();
  readonly #lagged = new Map<string, number>();
  readonly #subscribes = new Map<string, number>();
  #charactersIn = 0;
  #publicationsOut = 0;
  #controlBytesOut = 0;
  #feedBytesOut = 0;
  #dropped = 0;
  #observeFanOut: (seconds: number) => void = ignore;
  #observeRoundTrip: (seconds: number) => void = ignore;
  #observePublish: (seconds: number) => void = ignore;

  connected(result: ConnectResult): void {
    bump(this.#connects, result);
  }
  closed(code: number): void {
    bump(this.#closes, Object.hasOwn(closeCodes, code) ? closeCodeName(code) : 'OTHER');
  }
  /** `type` must be of a bounded set: it becomes a label. */
  received(type: string, characters: number): void {
    bump(this.#framesIn, type);
    this.#charactersIn += characters;
  }
  sentControl(type: string): void {
    bump(this.#framesOut, type);
  }
  sentPublications(count: number): void {
    this.#publicationsOut += count;
  }
  writtenControl(bytes: number): void {
    this.#controlBytesOut += bytes;
  }
  writtenFeeds(bytes: number): void {
    this.#feedBytesOut += bytes;
  }
  /** Publications that a connection missed on an ephemeral feed. */
  missed(count: number): void {
    this.#dropped += count;
  }
  published(channelClass: ChannelClass): void {
    bump(this.#publications, channelClass);
  }
  lagged(channelClass: ChannelClass): void {
    bump(this.#lagged, channelClass);
  }
  /** `resumed` tells whether the subscriber had named a position. */
  subscribed(mode: SubscribeMode, resumed: boolean): void {
    bump(this.#subscribes, `${resumed ? 'resume' : 'new'}_${mode}`);
  }
  fannedOut(seconds: number): void {
    this.#observeFanOut(seconds);
  }
  roundTrip(seconds: number): void {
    this.#observeRoundTrip(seconds);
  }
  brokerPublished(seconds: number): void {
    this.#observePublish(seconds);
  }

  stats(gauges: ServerGauges): ServerStats {
    return {
      ...gauges,
      connects: Object.fromEntries(this.#connects),
      closes: Object.fromEntries(this.#closes),
      framesIn: [...this.#framesIn.values()].reduce((sum, count) => sum + count, 0),
      charactersIn: this.#charactersIn,
      framesOut: { ...Object.fromEntries(this.#framesOut), publication: this.#publicationsOut },
      bytesOut: this.#controlBytesOut + this.#feedBytesOut,
      publications: Object.fromEntries(this.#publications),
      lagged: Object.fromEntries(this.#lagged),
      dropped: this.#dropped,
      subscribes: Object.fromEntries(this.#subscribes),
    };
  }

  /** Describes every metric to `sink`; call once. */
  register(sink: MetricsSink, gauges: () => ServerGauges, eventLoopLagSeconds: () => number): void {
    const collected = (
      type: 'counter' | 'gauge',
      name: string,
      help: string,
      labelNames: readonly string[],
      collect: () => MetricSample[],
    ): void => {
      sink.collected({ type, name: `fleetwire_ws_${name}`, help, labelNames, collect });
    };
    const one = (value: number): MetricSample[] => [{ labels: {}, value }];
    const by = (label: string, counts: ReadonlyMap<string, number>) => (): MetricSample[] =>
      [...counts].map(([key, value]) => ({ labels: { [label]: key }, value }));

    collected('gauge', 'connections', 'Open connections', [], () => one(gauges().connections));
    collected('gauge', 'feeds', 'Feeds held', [], () => one(gauges().feeds));
    collected('gauge', 'ring_bytes', 'Bytes of encoded frames that feeds hold, in rings and snapshots', [], () =>
      one(gauges().ringBytes),
    );
    collected('gauge', 'queued_bytes', 'Bytes written that kernels have not taken', [], () =>
      one(gauges().queuedBytes),
    );
    collected(
      'gauge',
      'event_loop_lag_seconds',
      '99th percentile of the event loop delay since the last reading',
      [],
      () => one(eventLoopLagSeconds()),
    );
    collected('counter', 'connects_total', 'Connection attempts by result', ['result'], by('result', this.#connects));
    collected(
      'counter',
      'closes_total',
      'Closed connections by code; OTHER for codes that the protocol does not name',
      ['code'],
      by('code', this.#closes),
    );
    collected('counter', 'frames_total', 'Frames by direction and type', ['direction', 'type'], () => [
      ...[...this.#framesIn].map(([type, value]) => ({ labels: { direction: 'in', type }, value })),
      { labels: { direction: 'out', type: 'publication' }, value: this.#publicationsOut },
      ...[...this.#framesOut].map(([type, value]) => ({ labels: { direction: 'out', type }, value })),
    ]);
    collected(
      'counter',
      'bytes_total',
      'Bytes of messages by direction (characters of text inwards); outwards those of feeds and those of all else',
      ['direction', 'type'],
      () => [
        { labels: { direction: 'in', type: 'all' }, value: this.#charactersIn },
        { labels: { direction: 'out', type: 'control' }, value: this.#controlBytesOut },
        { labels: { direction: 'out', type: 'feed' }, value: this.#feedBytesOut },
      ],
    );
    collected('counter', 'dropped_total', 'Publications that slow connections missed on ephemeral feeds', [], () =>
      one(this.#dropped),
    );
    collected(
      'counter',
      'publications_total',
      'Publications by channel class',
      ['class'],
      by('class', this.#publications),
    );
    collected(
      'counter',
      'lagged_total',
      'Subscriptions that fell off a ring, by channel class',
      ['class'],
      by('class', this.#lagged),
    );
    collected(
      'counter',
      'subscribes_total',
      'Subscriptions by how they started',
      ['mode'],
      by('mode', this.#subscribes),
    );
    this.#observeFanOut = observer(sink, {
      name: 'fleetwire_ws_fan_out_seconds',
      help: 'Time to hand the publications of one tick to all their connections',
      bucketsSeconds: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5],
    });
    this.#observeRoundTrip = observer(sink, {
      name: 'fleetwire_ws_round_trip_seconds',
      help: 'Round trip of WebSocket pings',
      bucketsSeconds: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5],
    });
    this.#observePublish = observer(sink, {
      name: 'fleetwire_ws_broker_publish_seconds',
      help: 'Time from a publish on this server until the broker has it in its history; delivery follows',
      bucketsSeconds: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
    });
  }
}

/** What a sink throws must not end up in the data path. */
function observer(sink: MetricsSink, metric: HistogramMetric): (seconds: number) => void {
  const observe = sink.histogram(metric);
  return (seconds) => {
    try {
      observe(seconds);
    } catch {
      // a number less
    }
  };
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function ignore(): void {
  // nobody observes
}
