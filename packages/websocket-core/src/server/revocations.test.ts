import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linkedHarness, readToken, type Harness } from '../../test/transport/harness.ts';
import type { Broker, BrokerListener } from '../core/broker.ts';
import { createMemoryBroker } from '../core/memory-broker.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { Revocations } from './revocations.ts';
import type { AuthenticationResult, ConnectionSelector, Identity } from './types.ts';

const feedName = 'fleetwire:revocations';

/** A broker that can be away, and lose what it should deliver. */
class FaultyBroker {
  readonly inner: Broker;
  isAway = false;
  isDeaf = false;
  /** Questions about the history are never answered. */
  isHanging = false;
  asked = 0;
  lost: (feed: string | undefined) => void = () => undefined;
  readonly broker: Broker;

  constructor(clock: ManualClock) {
    this.inner = createMemoryBroker({ random: () => 0.5, clock });
    this.broker = this.#make();
  }

  #make(): Broker {
    const { inner } = this;
    const here = (): void => {
      this.asked += 1;
      if (this.isAway) throw new Error('the broker is away');
    };
    const wrapped = new Map<BrokerListener, BrokerListener>();
    return {
      async publish(...args) {
        here();
        return inner.publish(...args);
      },
      history: async (...args) => {
        here();
        if (this.isHanging) await new Promise(() => undefined);
        return inner.history(...args);
      },
      subscribe: async (feed, listener) => {
        here();
        const deliver: typeof listener = (entry) => {
          if (!this.isDeaf) listener(entry);
        };
        wrapped.set(listener, deliver);
        return inner.subscribe(feed, deliver);
      },
      async unsubscribe(feed, listener) {
        await inner.unsubscribe(feed, wrapped.get(listener) ?? listener);
      },
      onLoss: (listener) => {
        this.lost = listener;
        return () => {
          this.lost = () => undefined;
        };
      },
      dispose: () => inner.dispose(),
    };
  }
}

describe('Revocations', () => {
  let clock: ManualClock;
  let faulty: FaultyBroker;
  let made: Revocations[];
  const error = vi.fn();
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error };

  beforeEach(() => {
    clock = createManualClock();
    faulty = new FaultyBroker(clock);
    made = [];
    error.mockReset();
  });
  afterEach(async () => {
    for (const revocations of made) await revocations.dispose();
    expect(clock.pending).toBe(0);
  });

  function start(broker: Broker): { revocations: Revocations; acted: ConnectionSelector[] } {
    const acted: ConnectionSelector[] = [];
    const revocations = new Revocations({
      broker,
      logger,
      clock,
      rememberMs: 20_000,
      retryBaseMs: 250,
      retryMaxMs: 20_000,
      askTimeoutMs: 10_000,
      onRevoked: (selector) => acted.push(selector),
    });
    made.push(revocations);
    return { revocations, acted };
  }

  it('[A5] a subscription that fails is tried again with back-off, and what was revoked meanwhile is acted upon', async () => {
    faulty.isAway = true;
    const { acted } = start(faulty.broker);
    const other = start(faulty.inner).revocations;
    await clock.advanceAsync(60_000);
    const { asked } = faulty;
    expect(asked).toBeGreaterThan(5);
    expect(asked).toBeLessThan(15);
    await other.publish({ jti: 't1' });
    expect(acted).toEqual([]);
    faulty.isAway = false;
    await clock.advanceAsync(20_000);
    expect(acted).toEqual([{ jti: 't1' }]);
    await other.publish({ jti: 't2' });
    await clock.settle();
    expect(acted.at(-1)).toEqual({ jti: 't2' });
    // It holds now: no more attempts.
    expect(clock.pending).toBe(0);
  });

  it('[A5] what the broker did not deliver is read when it tells of a loss, and at the next check', async () => {
    const { revocations, acted } = start(faulty.broker);
    const other = start(faulty.inner).revocations;
    await clock.settle();
    faulty.isDeaf = true;
    await other.publish({ jti: 't1' });
    faulty.lost('another feed');
    await clock.settle();
    expect(acted).toEqual([]);
    faulty.lost(undefined);
    await clock.settle();
    expect(acted).toEqual([{ jti: 't1' }]);
    await other.publish({ jti: 't2' });
    revocations.check();
    await clock.settle();
    expect(acted).toEqual([{ jti: 't1' }, { jti: 't2' }]);
    // What was handled once is not read again.
    revocations.check();
    await clock.settle();
    expect(acted).toHaveLength(2);
  });

  it('[A5] a delivery that leaves a gap behind it has the gap read', async () => {
    const { acted } = start(faulty.broker);
    const other = start(faulty.inner).revocations;
    await clock.settle();
    faulty.isDeaf = true;
    await other.publish({ userId: 'ada' });
    faulty.isDeaf = false;
    await other.publish({ userId: 'bob' });
    await clock.settle();
    expect(acted).toEqual(expect.arrayContaining([{ userId: 'ada' }, { userId: 'bob' }]));
  });

  it('[A5] a check that fails is made good by the next one', async () => {
    const { revocations, acted } = start(faulty.broker);
    const other = start(faulty.inner).revocations;
    await clock.settle();
    faulty.isDeaf = true;
    await other.publish({ jti: 't1' });
    faulty.isAway = true;
    revocations.check();
    await clock.settle();
    expect(acted).toEqual([]);
    faulty.isAway = false;
    revocations.check();
    await clock.settle();
    expect(acted).toEqual([{ jti: 't1' }]);
  });

  it('[A5] a question that the broker never answers keeps no later one from being asked', async () => {
    faulty.isHanging = true;
    const { revocations, acted } = start(faulty.broker);
    const other = start(faulty.inner).revocations;
    await clock.settle();
    faulty.isDeaf = true;
    await other.publish({ jti: 't1' });
    faulty.isHanging = false;
    // The first one, and then the wait before it is asked again.
    await clock.advanceAsync(10_250);
    expect(acted).toEqual([{ jti: 't1' }]);
    faulty.isHanging = true;
    revocations.check();
    await clock.settle();
    await other.publish({ jti: 't2' });
    faulty.isHanging = false;
    await clock.advanceAsync(10_000);
    revocations.check();
    await clock.settle();
    expect(acted).toEqual([{ jti: 't1' }, { jti: 't2' }]);
  });

  it('[A5] a revocation read late counts for the authentications that may have begun before it, and no others', async () => {
    const { revocations } = start(faulty.broker);
    const other = start(faulty.inner).revocations;
    await clock.settle();
    faulty.isDeaf = true;
    const ada: Identity = { userId: 'ada', orgId: 'acme', jti: 't1' };
    const bob: Identity = { userId: 'bob', orgId: 'acme', jti: 't2' };
    await other.publish({ userId: 'ada' });
    await other.publish({ userId: 'bob', jti: 't2' });
    await clock.advanceAsync(9_000);
    const early = [clock.monotonicNow(), clock.now()] as const;
    await clock.advanceAsync(1_000);
    const late = [clock.monotonicNow(), clock.now()] as const;
    revocations.check();
    await clock.settle();
    expect(revocations.isRevoked(ada, ...early)).toBe(true);
    expect(revocations.isRevoked(ada, ...late)).toBe(false);
    // A token that was revoked does not come back.
    expect(revocations.isRevoked(bob, ...late)).toBe(true);
    // What this replica was told itself counts for all.
    await revocations.publish({ userId: 'ada' });
    expect(revocations.isRevoked(ada, ...late)).toBe(true);
  });

  it('[A5] when the history was lost, what it holds since the last check is acted upon, and nothing older', async () => {
    const { revocations, acted } = start(faulty.broker);
    await clock.settle();
    const at = (orgId: string, revokedAt: number): Promise<string> =>
      faulty.inner.publish(feedName, JSON.stringify({ orgId, revokedAt }));
    faulty.isDeaf = true;
    await clock.advanceAsync(25_000);
    revocations.check();
    await clock.settle();
    // More than the memory broker keeps: the position is gone.
    await at('old', clock.now() - 60_000);
    for (let count = 0; count < 1_001; count += 1) await at(`new-${String(count)}`, clock.now());
    await at('old', clock.now() - 60_000);
    revocations.check();
    await clock.settle();
    expect(acted).toHaveLength(999);
    expect(acted).not.toContainEqual({ orgId: 'old' });
    expect(error).toHaveBeenCalledOnce();
    revocations.check();
    await clock.settle();
    expect(acted).toHaveLength(999);
  });

  it('[A5] what is no revocation is logged and acted upon by nobody', async () => {
    const { acted } = start(faulty.broker);
    await clock.settle();
    for (const data of ['null', '"x"', '{"userId":1}', 'no json']) await faulty.inner.publish(feedName, data);
    await clock.settle();
    expect(acted).toEqual([]);
    expect(error).toHaveBeenCalledTimes(4);
  });
});

describe('a revocation that a replica reads late', () => {
  let harness: Harness;
  afterEach(() => harness.dispose());

  it.each([
    ['of a user spares what signed in or refreshed after it', { userId: 'ada' }, 0, ['before']],
    ['of an organisation spares them too', { orgId: 'acme' }, 0, ['before', 'bob']],
    [
      'closes what signed in within the skew of the clocks',
      { userId: 'ada' },
      5_000,
      ['before', 'refreshed', 'after', 'slow'],
    ],
    [
      'without a time closes all that are there',
      { userId: 'ada' },
      undefined,
      ['before', 'refreshed', 'after', 'slow'],
    ],
    ['of a token closes what bears it whenever it signed in', { userId: 'ada', jti: 't3' }, 0, ['after']],
  ])('[A5] %s', async (_what, selector, revokedAfterMs, hit) => {
    const faulty = new FaultyBroker(createManualClock());
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asked = false;
    harness = await linkedHarness({
      broker: faulty.broker,
      authenticate: async ({ token }) => {
        if (token?.includes('slow') === true) {
          asked = true;
          await gate;
        }
        return readToken(token, 0);
      },
    });
    const before = await harness.join('ada@acme;jti=t1');
    const bob = await harness.join('bob@acme;jti=b1');
    const refreshed = await harness.join('ada@acme;jti=t2');
    // Longer away than clocks differ.
    faulty.isDeaf = true;
    faulty.isAway = true;
    const startedAt = harness.now();
    const revokedAt = revokedAfterMs === undefined ? undefined : startedAt + revokedAfterMs;
    await faulty.inner.publish(feedName, JSON.stringify({ ...selector, revokedAt }));
    await harness.until('more than the skew', () => harness.now() > startedAt + 10_000);
    const id = refreshed.request('auth.refresh', { token: 'ada@acme;jti=t4' });
    await harness.until('the refresh', () => refreshed.response(id));
    const after = await harness.join('ada@acme;jti=t3');
    const slow = harness.dial();
    await harness.until('open', () => slow.opened);
    slow.hello('ada@acme;jti=slow');
    await harness.until('asked', () => asked);
    faulty.isAway = false;
    faulty.lost(undefined);
    await harness.settle();
    answer();
    await harness.until('a verdict', () => slow.find('welcome') ?? slow.closed);
    await harness.settle();
    const closed = Object.entries({ before, bob, refreshed, after, slow }).filter(([, peer]) => peer.closed);
    expect(closed.map(([name, peer]) => [name, peer.closed?.code])).toEqual(hit.map((name) => [name, 4501]));
  });
});

describe('a refresh whose check hangs', () => {
  let harness: Harness;
  afterEach(() => harness.dispose());

  it('[A1] [A5] is UNAVAILABLE after the time of a hello, and its late verdict changes nothing', async () => {
    let answer: (result: AuthenticationResult<Identity>) => void = () => undefined;
    harness = await linkedHarness({
      authenticate: ({ token }) =>
        token === 'slow'
          ? new Promise((resolve) => {
              answer = resolve;
            })
          : readToken(token, 0),
    });
    const peer = await harness.join();
    const id = peer.request('auth.refresh', { token: 'slow' });
    const startedAt = harness.now();
    const response = await harness.until('response', () => peer.response(id));
    expect(response).toMatchObject({ error: { code: 'UNAVAILABLE', retryable: true } });
    expect(harness.now() - startedAt).toBeLessThanOrEqual(harness.timings.helloTimeoutMs + 100);
    answer({ identity: { userId: 'ada', orgId: 'acme', jti: 'late' } });
    await harness.settle();
    expect(harness.server.connections({ jti: 'late' })).toEqual([]);
    expect(peer.closed).toBeUndefined();
  });
});
