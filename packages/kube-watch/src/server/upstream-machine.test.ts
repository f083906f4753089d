import { describe, expect, it } from 'vitest';
import type { KubeFailure } from './kube-failure.ts';
import {
  startUpstream,
  transitionUpstream,
  upstreamBackoffMs,
  type UpstreamEffect,
  type UpstreamEvent,
  type UpstreamState,
} from './upstream-machine.ts';

const failure = (code: number, more: Partial<KubeFailure> = {}): KubeFailure => ({
  code,
  reason: undefined,
  message: 'no',
  retryAfterMs: undefined,
  ...more,
});
const failed = (code: number, more: Partial<KubeFailure> = {}, atMs = 0): UpstreamEvent => ({
  type: 'failed',
  failure: failure(code, more),
  atMs,
  random: 1,
});

/** Runs the events from a start at 10; returns the state and the effects of the last one. */
function run(...events: UpstreamEvent[]): { state: UpstreamState; effects: readonly UpstreamEffect[] } {
  let last: { state: UpstreamState; effects: readonly UpstreamEffect[] } = transitionUpstream(
    startUpstream('10').state,
    proven,
  );
  for (const event of events) last = transitionUpstream(last.state, event);
  return last;
}

/** The cluster is beyond where the upstream starts. */
const proven: UpstreamEvent = { type: 'listed', resourceVersion: '11' };
const opened: UpstreamEvent = { type: 'opened', atMs: 0 };
const ended = (isCut: boolean, atMs: number): UpstreamEvent => ({ type: 'ended', isCut, atMs, random: 1 });
const progressed: UpstreamEvent = { type: 'progressed', position: '12' };
const kinds = (effects: readonly UpstreamEffect[]): string[] => effects.map(({ type }) => type);

describe('the life of an upstream', () => {
  it('[G5] goes on at once from the last resourceVersion after a normal end', () => {
    const { state, effects } = run(opened, progressed, ended(false, 300_000));
    expect(state).toMatchObject({ kind: 'dialing', position: '12' });
    expect(effects).toEqual([{ type: 'dial' }]);
  });

  it('[G5] backs off after a cut, and after a watch of less than a second without an event', () => {
    expect(run(opened, progressed, ended(true, 5_000)).effects).toEqual([
      { type: 'reconnecting' },
      { type: 'wait', delayMs: 800 },
    ]);
    expect(kinds(run(opened, ended(false, 500)).effects)).toEqual(['reconnecting', 'wait']);
    expect(kinds(run(opened, ended(false, 1_500)).effects)).toEqual(['dial']);
  });

  it('[G5] doubles the wait up to 30 s, and begins anew after two minutes of health', () => {
    let { state } = run();
    const waits: number[] = [];
    const step = (event: UpstreamEvent): void => {
      const next = transitionUpstream(state, event);
      state = next.state;
      for (const effect of next.effects) if (effect.type === 'wait') waits.push(effect.delayMs);
    };
    for (let attempt = 0; attempt < 7; attempt += 1) {
      step(failed(0));
      step({ type: 'timer' });
      step(proven);
    }
    expect(waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
    step(opened);
    step(ended(true, 60_000));
    expect(waits.at(-1)).toBe(30_000);
    step({ type: 'timer' });
    step(proven);
    step(opened);
    step(ended(true, 120_000));
    expect(waits.at(-1)).toBe(800);
    expect(upstreamBackoffMs(0, 0)).toBe(400);
  });

  it('[G7] watches again from where the cluster is before it tells what is gone', () => {
    const listed: UpstreamEvent = { type: 'listed', resourceVersion: '90' };
    expect(run(failed(410)).effects).toEqual([{ type: 'list' }]);
    expect(run(opened, failed(200, { reason: 'Expired' })).effects).toEqual([{ type: 'drop' }, { type: 'list' }]);
    expect(run(failed(410), listed).effects).toEqual([{ type: 'dial' }]);
    const { state, effects } = run(failed(410), listed, opened);
    expect(effects).toEqual([{ type: 'gone', position: '90' }, { type: 'live' }]);
    expect(state).toMatchObject({ kind: 'open', position: '90', isLost: false });
  });

  it('[G7] takes no position from the future: neither a subscriber’s nor its own from before an outage', () => {
    expect(startUpstream('99').effects).toEqual([{ type: 'list' }]);
    const behind = transitionUpstream(startUpstream('99').state, { type: 'listed', resourceVersion: '20' });
    expect(behind).toMatchObject({ state: { kind: 'dialing', position: '20' }, effects: [{ type: 'dial' }] });
    expect(transitionUpstream(behind.state, opened).effects).toEqual([
      { type: 'gone', position: '20' },
      { type: 'live' },
    ]);
    const restored = run(opened, progressed, ended(true, 5_000), { type: 'timer' }, proven, opened);
    expect(restored.effects[0]).toEqual({ type: 'gone', position: '11' });
    const same = run(opened, ended(true, 5_000), { type: 'timer' }, proven, opened);
    expect(same.effects).toEqual([{ type: 'live' }]);
  });

  it('[G7] takes what it cannot compare for lost', () => {
    const { state, effects } = transitionUpstream(startUpstream('abc').state, proven);
    expect(effects).toEqual([{ type: 'dial' }]);
    expect(state).toMatchObject({ position: '11', isLost: true });
    const same = transitionUpstream(startUpstream('abc').state, { type: 'listed', resourceVersion: 'abc' });
    expect(same.state).toMatchObject({ position: 'abc', isLost: false });
  });

  it('watches unproven what it may not list', () => {
    for (const code of [403, 404, 405, 422]) {
      expect(transitionUpstream(startUpstream('10').state, failed(code)).effects).toEqual([{ type: 'dial' }]);
    }
    expect(kinds(transitionUpstream(startUpstream('10').state, failed(503)).effects)).toContain('wait');
  });

  it('[G7] remembers what is lost while the cluster cannot be reached', () => {
    const listed: UpstreamEvent = { type: 'listed', resourceVersion: '90' };
    expect(kinds(run(failed(410), failed(0)).effects)).toEqual(['error', 'reconnecting', 'wait']);
    expect(kinds(run(failed(410), failed(0), { type: 'timer' }).effects)).toEqual(['list']);
    expect(kinds(run(failed(410), listed, failed(410)).effects)).toEqual(['reconnecting', 'wait']);
    expect(kinds(run(failed(410), listed, failed(410), { type: 'timer' }).effects)).toEqual(['list']);
  });

  it('[G7] does not list without end when the watch is lost again and again', () => {
    const listed: UpstreamEvent = { type: 'listed', resourceVersion: '90' };
    const again = run(opened, failed(410), listed, opened, failed(410));
    expect(kinds(again.effects)).toEqual(['drop', 'reconnecting', 'wait']);
    expect(again.state).toMatchObject({ kind: 'waiting', isLost: true, failures: 1 });
    expect(kinds(run(opened, failed(410), listed, opened, progressed, failed(410)).effects)).toEqual(['drop', 'list']);
  });

  it('waits as long as a 429 says', () => {
    const { effects } = run(failed(429, { retryAfterMs: 7_000 }));
    expect(effects.at(-1)).toEqual({ type: 'wait', delayMs: 7_000 });
    expect(effects[0]).toMatchObject({ type: 'error', isTerminal: false });
  });

  it('refreshes the credentials once after a 401, then ends with the error', () => {
    const refreshed = (hasOthers: boolean): UpstreamEvent => ({ type: 'refreshed', hasOthers, failure: failure(401) });
    expect(run(failed(401)).effects).toMatchObject([{ type: 'refresh' }]);
    expect(run(failed(401), refreshed(true)).effects).toEqual([{ type: 'dial' }]);
    const refused = { state: { kind: 'closed' }, effects: [{ type: 'error', isTerminal: true }] };
    expect(run(failed(401), refreshed(true), failed(401))).toMatchObject(refused);
    expect(run(failed(401), refreshed(false))).toMatchObject(refused);
  });

  it.each([400, 403, 404, 405, 422])('[G14] ends with the error after a %d', (code) => {
    const { state, effects } = run(failed(code));
    expect(state.kind).toBe('closed');
    expect(effects).toMatchObject([{ type: 'error', isTerminal: true, failure: { code } }]);
  });

  it.each([500, 503, 504, 0])('backs off after a %d', (code) => {
    expect(kinds(run(failed(code)).effects)).toEqual(['error', 'reconnecting', 'wait']);
  });

  it('[G13] drops what is open and dials anew when the connection is another, at a time of its own', () => {
    const renewed: UpstreamEvent = { type: 'renewed', random: 0.25 };
    expect(run(opened, progressed, renewed)).toMatchObject({
      state: { kind: 'waiting', position: '12', isLost: false },
      effects: [{ type: 'drop' }, { type: 'wait', delayMs: 250 }],
    });
    expect(kinds(run(opened, progressed, renewed, { type: 'timer' }).effects)).toEqual(['list']);
    expect(run(failed(0), renewed)).toMatchObject({ state: { failures: 0, isRefreshed: false } });
  });

  it('does nothing any more once it is closed', () => {
    const closed = run(opened, { type: 'close' });
    expect(closed.effects).toEqual([{ type: 'drop' }]);
    const events: UpstreamEvent[] = [
      opened,
      progressed,
      ended(true, 1),
      failed(500),
      { type: 'timer' },
      { type: 'renewed', random: 0 },
    ];
    for (const event of events) expect(transitionUpstream(closed.state, event).effects).toEqual([]);
  });
});
