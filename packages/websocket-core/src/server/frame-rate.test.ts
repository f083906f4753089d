import { describe, expect, it } from 'vitest';
import { agentLimits, browserLimits } from '../protocol/limits.ts';
import { timings } from '../protocol/timings.ts';
import { FrameRate } from './frame-rate.ts';

describe('FrameRate', () => {
  /** Reads a flood of frames of this size as fast as it may; returns what it read in the time. */
  function flood(rate: FrameRate, characters: number, forMs: number): { frames: number; characters: number } {
    let [frames, nowMs] = [0, 0];
    while (nowMs < forMs) {
      if (rate.count(nowMs).kind === 'close') break;
      frames += 1;
      // Next to nothing where it need not wait: the network is faster than any limit.
      nowMs += rate.worked(characters, nowMs) || 0.001;
    }
    return { frames, characters: frames * characters };
  }

  it.each([2, 100, 4_096, 262_144])(
    '[B5] a flood of frames of %i characters is read no faster than its work allows',
    (size) => {
      const read = flood(new FrameRate(browserLimits, timings, 0), size, 9_000);
      // 8 Ki characters for each of the frames that it may send, and one frame that goes over.
      const allowed = (browserLimits.textFrameBurst + 9 * browserLimits.textFramesPerSecond) * 8_192;
      expect(read.characters + read.frames * 1_024).toBeLessThanOrEqual(allowed + size + 1_024);
      expect(read.characters + read.frames * 1_024).toBeGreaterThan(allowed * 0.9);
    },
  );

  it('[B5] a peer within its limit never rests, with frames of 7 KiB or now and then one of the largest', () => {
    const steady = new FrameRate(browserLimits, timings, 0);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 20) {
      expect(steady.count(nowMs).kind).toBe('handle');
      expect(steady.worked(7 * 1_024, nowMs)).toBe(0);
    }
    for (const limits of [browserLimits, agentLimits]) {
      const seldom = new FrameRate(limits, timings, 0);
      for (let nowMs = 0; nowMs < 60_000; nowMs += 3_000) expect(seldom.worked(limits.maxPayloadBytes, nowMs)).toBe(0);
    }
  });

  it('[B5] the largest frames one after the other wait, and none is refused', () => {
    const rate = new FrameRate(agentLimits, timings, 0);
    let nowMs = 0;
    for (let count = 0; count < 20; count += 1) {
      expect(rate.count(nowMs).kind).toBe('handle');
      nowMs += rate.worked(agentLimits.maxPayloadBytes, nowMs);
    }
    expect(nowMs).toBeGreaterThan(45_000);
    expect(nowMs).toBeLessThan(52_000);
  });

  it('[B5] who stays over the limit is closed after 10 s, though it is not read from for a part of them', () => {
    const rate = new FrameRate({ ...browserLimits, textFramesPerSecond: 2, textFrameBurst: 2 }, timings, 0);
    let nowMs = 0;
    for (;;) {
      if (rate.count(nowMs).kind === 'close') break;
      nowMs += rate.worked(2_000, nowMs) || 1;
      if (nowMs > 60_000) break;
    }
    expect(nowMs).toBeGreaterThanOrEqual(10_000);
    expect(nowMs).toBeLessThan(15_000);
  });

  it('[B5] rests for large frames between two short bursts are not being over the limit', () => {
    const rate = new FrameRate(browserLimits, timings, 0);
    let nowMs = 0;
    const send = (characters: number): string => {
      const { kind } = rate.count(nowMs);
      nowMs += rate.worked(characters, nowMs);
      return kind;
    };
    const burst = (): Set<string> => new Set(Array.from({ length: 400 }, () => send(100)));
    expect(burst()).toContain('refuse');
    // The first large frames are refused still, until the rests begin.
    let refusedAtMs = nowMs;
    while (send(16 * 1024) === 'refuse') refusedAtMs = nowMs;
    while (nowMs < refusedAtMs + timings.rateLimitCloseMs) expect(send(16 * 1024)).toBe('handle');
    const second = burst();
    expect(second).toContain('refuse');
    expect(second).not.toContain('close');
  });
});
