import { afterEach, describe, expect, it } from 'vitest';
import { linkedHarness, type Harness } from '../../test/transport/harness.ts';
import { manualSource } from '../../test/transport/manual-source.ts';
import type { CollectedMetric } from './server-metrics.ts';

describe('queue limits', () => {
  it('[B1] smaller than what a socket fills before it says that it drained are refused', async () => {
    await expect(linkedHarness({ queueLimits: { maxQueuedBytes: 1_000 } })).rejects.toThrow(/at least 65536, got 1000/);
  });
});

describe('metrics', () => {
  let harness: Harness;
  afterEach(() => harness.dispose());

  it('tell connections, frames, feeds, subscriptions and times under fleetwire_ws_', async () => {
    const metrics = new Map<string, CollectedMetric>();
    const observed = new Map<string, number[]>();
    const source = manualSource('ticks', 'recoverable');
    harness = await linkedHarness({
      channels: [source],
      metrics: {
        collected: (metric) => {
          metrics.set(metric.name, metric);
        },
        histogram: ({ name }) => {
          const seconds: number[] = [];
          observed.set(name, seconds);
          return (value) => {
            seconds.push(value);
          };
        },
      },
    });
    const peer = await harness.join();
    const stranger = harness.dial();
    await harness.until('open', () => stranger.opened);
    stranger.hello('nonsense');
    await harness.until('closed', () => stranger.closed);
    peer.subscribe({ channel: 'ticks' });
    await harness.until('response', () => peer.find('response'));
    source.sink.publish({ data: 1 });
    await harness.until('publication', () => peer.find('publication'));
    await harness.server.publish({ orgId: 'acme', channel: 'x' }, 1);
    await harness.until('a round trip', () => observed.get('fleetwire_ws_round_trip_seconds')?.length);

    const read = (name: string, labels: Record<string, string> = {}): number | undefined =>
      metrics
        .get(`fleetwire_ws_${name}`)
        ?.collect()
        .find((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))?.value;
    expect(read('connections')).toBe(1);
    expect(read('feeds')).toBe(1);
    expect(read('ring_bytes')).toBeGreaterThan(0);
    expect(read('queued_bytes')).toBe(0);
    expect(read('event_loop_lag_seconds')).toEqual(expect.any(Number));
    expect(read('connects_total', { result: 'accepted' })).toBe(1);
    expect(read('connects_total', { result: 'invalid' })).toBe(1);
    expect(read('closes_total', { code: 'TOKEN_INVALID' })).toBe(1);
    expect(read('frames_total', { direction: 'out', type: 'publication' })).toBe(1);
    expect(read('frames_total', { direction: 'in', type: 'hello' })).toBe(2);
    expect(read('frames_total', { direction: 'in', type: 'request' })).toBe(1);
    expect(read('bytes_total', { direction: 'in' })).toBeGreaterThan(100);
    expect(read('bytes_total', { direction: 'out', type: 'control' })).toBeGreaterThan(100);
    const publication = JSON.stringify(peer.find('publication'));
    expect(read('bytes_total', { direction: 'out', type: 'feed' })).toBe(publication.length + 2);
    expect(read('dropped_total')).toBe(0);
    expect(read('publications_total', { class: 'recoverable' })).toBe(1);
    expect(read('subscribes_total', { mode: 'new_live' })).toBe(1);
    expect(metrics.get('fleetwire_ws_lagged_total')?.collect()).toEqual([]);
    expect(observed.get('fleetwire_ws_fan_out_seconds')).toHaveLength(1);
    expect(observed.get('fleetwire_ws_broker_publish_seconds')).toHaveLength(1);
  });

  it('take no label from what a peer or an application makes up', async () => {
    const metrics = new Map<string, CollectedMetric>();
    harness = await linkedHarness({
      metrics: {
        collected: (metric) => {
          metrics.set(metric.name, metric);
        },
        histogram: () => () => {
          throw new Error('the sink is broken');
        },
      },
    });
    const peer = await harness.join();
    for (const type of ['invented', 'x'.repeat(1_000), '__proto__']) peer.send({ type });
    peer.send({ type: 'ping', t: 'no number' });
    await harness.until('the errors', () => peer.all('error').length === 4);
    await harness.until('a ping', () => harness.now() - 1_000_000 > 30_000);
    harness.server.disconnect({ orgId: 'acme' }, { code: 4777, reason: '' });
    await harness.until('close', () => peer.closed);
    const labels = (name: string): unknown[] =>
      (metrics.get(`fleetwire_ws_${name}`)?.collect() ?? []).map((sample) => Object.values(sample.labels).join(' '));
    expect(labels('frames_total').filter((label) => String(label).startsWith('in '))).toEqual([
      'in hello',
      'in unknown',
      'in ping',
    ]);
    expect(labels('closes_total')).toEqual(['OTHER']);
  });

  it('[F5] count what slow connections missed', async () => {
    const source = manualSource('ticks', 'ephemeral');
    harness = await linkedHarness({ channels: [source], queueLimits: { maxRingFrames: 10 } });
    const peer = await harness.join();
    peer.subscribe({ channel: 'ticks' });
    await harness.until('response', () => peer.find('response'));
    for (let tick = 0; tick < 50; tick += 1) source.sink.publish({ data: tick });
    const gap = await harness.until('gap', () => peer.find('gap'));
    expect(harness.server.stats().dropped).toBe(gap['dropped']);
  });
});
