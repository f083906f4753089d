import { describe, expect, it } from 'vitest';
import type { AcceptedSocket } from '../core/accepted-socket.ts';
import { timings } from '../protocol/timings.ts';
import { Liveness, type LivenessVerdict } from './liveness.ts';

/** A socket of which only the counters matter. */
function socketWith(): { queuedBytes: number; takenBytes: number } & AcceptedSocket {
  return { queuedBytes: 0, takenBytes: 0 } as { queuedBytes: number; takenBytes: number } & AcceptedSocket;
}

/** Looks once a second from `fromMs`, answering "ping-due" with a ping; returns the first other verdict and its time. */
function watch(
  liveness: Liveness,
  socket: AcceptedSocket,
  fromMs: number,
  untilMs: number,
  each: (nowMs: number) => void = () => undefined,
): [LivenessVerdict, number] {
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 1_000) {
    each(nowMs);
    const verdict = liveness.check(nowMs, socket, false);
    if (verdict === 'ping-due') liveness.pinged(nowMs, socket);
    else if (verdict !== 'fine') return [verdict, nowMs];
  }
  return ['fine', untilMs];
}

describe('Liveness', () => {
  it('[L1] the first ping comes after a random part of the interval, the next ones after the interval', () => {
    const socket = socketWith();
    const liveness = new Liveness(timings, 0);
    liveness.opened(0, 0.4);
    expect(liveness.check(9_000, socket, false)).toBe('fine');
    expect(liveness.check(10_000, socket, false)).toBe('ping-due');
    liveness.pinged(10_000, socket);
    expect(liveness.pong(10_020)).toBe(20);
    expect(liveness.check(34_000, socket, false)).toBe('fine');
    expect(liveness.check(35_000, socket, false)).toBe('ping-due');
  });

  it.each([0, 0.3, 0.999])('[L2] a peer that falls silent is dead within 35 s (jitter %d)', (random) => {
    // Looks need not fall on the seconds, and are a little late each.
    for (const [offsetMs, lateMs] of [
      [0, 0],
      [1, 0],
      [999, 0],
      [500, 3],
      [0, 20],
    ] as const) {
      const liveness = new Liveness(timings, 0);
      liveness.opened(0, random);
      let silentFrom = 0;
      let verdict: LivenessVerdict = 'fine';
      let nowMs = offsetMs;
      for (let pings = 0; verdict !== 'dead' && nowMs < 200_000; nowMs += 1_000 + lateMs) {
        verdict = liveness.check(nowMs, socketWith(), false);
        if (verdict !== 'ping-due') continue;
        liveness.pinged(nowMs, socketWith());
        pings += 1;
        // It answers two, and not the third.
        if (pings > 2) continue;
        liveness.pong(nowMs + 1);
        silentFrom = nowMs + 1;
      }
      expect(verdict).toBe('dead');
      const deadAt = nowMs - 1_000 - lateMs;
      expect(deadAt - silentFrom).toBeLessThanOrEqual(35_000);
      expect(deadAt - silentFrom).toBeGreaterThan(33_000);
    }
    const never = new Liveness(timings, 0);
    never.opened(0, random);
    const [verdict, atMs] = watch(never, socketWith(), 0, 60_000);
    expect(verdict).toBe('dead');
    expect(atMs).toBeLessThanOrEqual(35_000);
  });

  it('[L2] any message is a sign of life', () => {
    const liveness = new Liveness(timings, 0);
    liveness.opened(0, 0);
    const [verdict] = watch(liveness, socketWith(), 0, 300_000, (nowMs) => {
      if (nowMs % 9_000 === 0) liveness.heard(nowMs + 1);
    });
    expect(verdict).toBe('fine');
  });

  it('[B3] bytes that nobody takes for 10 s mean a stuck peer, bytes that go slowly do not', () => {
    const stuck = socketWith();
    stuck.queuedBytes = 100_000;
    expect(watch(new Liveness(timings, 0), stuck, 0, 60_000)).toEqual(['stalled', 10_000]);

    const slow = socketWith();
    slow.queuedBytes = 100_000;
    const liveness = new Liveness(timings, 0);
    liveness.opened(0, 0);
    const [verdict] = watch(liveness, slow, 0, 300_000, (nowMs) => {
      if (nowMs % 8_000 === 0) slow.takenBytes += 10;
    });
    expect(verdict).toBe('fine');
  });

  it('[L2] [B3] a peer that has just caught up gets one more interval for its pong, and not more', () => {
    const socket = socketWith();
    socket.queuedBytes = 1;
    const liveness = new Liveness(timings, 0);
    liveness.opened(0, 0);
    const [verdict, atMs] = watch(liveness, socket, 0, 120_000, (nowMs) => {
      socket.takenBytes = nowMs;
      if (nowMs === 30_000) socket.queuedBytes = 0;
    });
    expect(verdict).toBe('dead');
    expect(atMs).toBeGreaterThan(60_000);
    expect(atMs).toBeLessThanOrEqual(66_000);
  });

  it('time in which the process itself stood still is nobody’s fault', () => {
    const socket = socketWith();
    const liveness = new Liveness(timings, 0);
    liveness.opened(0, 0);
    expect(liveness.check(0, socket, false)).toBe('ping-due');
    liveness.pinged(0, socket);
    liveness.excuse(60_000);
    expect(liveness.check(60_000, socket, false)).toBe('fine');
    expect(liveness.pong(60_001)).toBe(60_001);
  });
});
