import { describe, expect, it } from 'vitest';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { createKubeWatchError, type KubeWatchErrorInit } from './kube-watch-error.ts';
import { reflectorStart, reflectorTransition } from './reflector-machine.ts';
import { listOf, watchOf } from './reflector-moves.ts';
import type { ReflectorConfig, ReflectorEffect, ReflectorEvent, ReflectorState } from './reflector-state.ts';
import { isStaleState, watchStatusOf } from './target-state.ts';
import type { WatchEnd } from './watch-transport.ts';

const config: ReflectorConfig = {
  target: { cluster: 'a', namespace: undefined },
  watch: true,
  canWatch: true,
  hasWatchList: false,
  canRefresh: true,
  pollIntervalMs: 10_000,
  probeIntervalMs: 30_000,
  maxRetries: Infinity,
};

function failure(init: Partial<KubeWatchErrorInit>): KubeWatchError {
  return createKubeWatchError({ message: 'failed', cluster: 'a', ...init });
}

const cut = failure({});
const gone = failure({ status: 410, reason: 'Expired' });
const tooLarge = failure({ code: 'KUBE_VERSION_TOO_LARGE', status: 504, retryAfterMs: 1000 });

/** A machine that remembers the effects of its last event, and that fills in serials and times. */
function machine(changes: Partial<ReflectorConfig> = {}) {
  let settings = { ...config, ...changes };
  let state: ReflectorState = reflectorStart;
  let effects: readonly ReflectorEffect[] = [];
  let at = 0;
  const send = (event: ReflectorEvent) => {
    ({ state, effects } = reflectorTransition(Object.freeze(state), event, settings));
    return self;
  };
  const list = () => listOf(state)?.serial ?? -1;
  const watch = () => watchOf(state)?.serial ?? -1;
  const self = {
    send,
    get state() {
      return state;
    },
    get effects() {
      return effects;
    },
    /** The effects but reports, which most tests do not look at. */
    get acts() {
      return effects.filter(({ type }) => type !== 'report' && type !== 'succeeded');
    },
    get reports() {
      return effects.flatMap((effect) => (effect.type === 'report' ? [effect.error] : []));
    },
    configure: (more: Partial<ReflectorConfig>) => {
      settings = { ...settings, ...more };
      return self;
    },
    start: () => send({ type: 'start' }),
    timer: () => send({ type: 'timer' }),
    refetch: () => send({ type: 'refetch' }),
    page: (resourceVersion: string, continueToken?: string, isCut = false) =>
      send({ type: 'page', list: list(), resourceVersion, continueToken, isCut }),
    listFails: (error: KubeWatchError) => send({ type: 'list-failed', list: list(), error }),
    opens: () => send({ type: 'opened', watch: watch(), at }),
    events: (position: string) => send({ type: 'events', watch: watch(), position, at }),
    endsInitially: (position: string) => send({ type: 'initial-events-end', watch: watch(), position, at }),
    interrupted: (error?: KubeWatchError) => send({ type: 'interrupted', watch: watch(), error }),
    missed: () => send({ type: 'missed', watch: watch() }),
    ends: (end: WatchEnd = { kind: 'normal' }) => send({ type: 'ended', watch: watch(), end, at }),
    fails: (error: KubeWatchError) => self.ends({ kind: 'error', error }),
    after: (ms: number) => {
      at += ms;
      return self;
    },
    /** As far as a live watch from resourceVersion 10 that was heard of at 11. */
    live: () => self.start().page('10').opens().events('11').after(5000),
  };
  return self;
}

const lists = (at: string, more: object = {}) => ({
  type: 'list',
  list: expect.objectContaining({ at, whole: false, ...more }) as unknown,
});
const watches = (resourceVersion: string | undefined) =>
  expect.objectContaining({ type: 'watch', resourceVersion }) as unknown;

describe('lists', () => {
  it('[L1] the first list is of any state that the server has', () => {
    expect(machine().start().effects).toEqual([lists('0')]);
  });

  it('[L2] the watch starts from the first page’s resourceVersion', () => {
    const m = machine().start().page('10', 'token-1');
    expect(m.effects).toEqual([expect.objectContaining({ type: 'next-page', continueToken: 'token-1' })]);
    expect(m.page('12').effects).toEqual([
      { type: 'replace', from: 'pages', position: '10' },
      { type: 'succeeded' },
      watches('10'),
    ]);
  });

  it('[L3] a 410 on a later page starts the list over, once, whole and at no resourceVersion', () => {
    const m = machine().start().page('10', 'token-1').listFails(gone);
    expect(m.acts).toEqual([lists('', { whole: true })]);
    expect(m.reports).toEqual([gone]);
    expect(m.listFails(gone).acts).toEqual([{ type: 'backoff', scope: 'target' }]);
  });

  it('[L4] nothing is replaced before the last page', () => {
    const m = machine().start();
    for (const token of ['1', '2', '3'])
      expect(m.page('10', token).acts.map(({ type }) => type)).toEqual(['next-page']);
    expect(m.listFails(cut).acts).toEqual([{ type: 'backoff', scope: 'cluster' }]);
  });

  it('[L5] is watched though maxItems stopped it', () => {
    expect(machine().start().page('10', 'token', true).acts).toEqual([
      { type: 'replace', from: 'pages', position: '10' },
      watches('10'),
    ]);
  });

  it('that are read once stop after it, and are read again on demand', () => {
    const m = machine({ watch: false }).start().page('10');
    expect([m.state.name, watchStatusOf(m.state), isStaleState(m.state), m.state.error]).toEqual([
      'stopped',
      'stopped',
      false,
      undefined,
    ]);
    expect(m.refetch().acts).toEqual([lists('')]);
  });
});

describe('a watch that ends', () => {
  it('[W2] normally goes on from where it was at once, without a list, and stays live to the eye', () => {
    const m = machine().live().events('15').ends();
    expect(m.effects).toEqual([watches('15')]);
    expect([watchStatusOf(m.state), isStaleState(m.state)]).toEqual(['live', false]);
  });

  it('[W2] a bookmark moves the position as events do', () => {
    expect(machine().live().events('99').ends().acts).toEqual([watches('99')]);
  });

  it('[W2] events that come again do not move the position back', () => {
    expect(machine().live().events('30').events('12').ends().acts).toEqual([watches('30')]);
    expect(machine().live().events('v1').events('v0').ends().acts).toEqual([watches('v0')]);
  });

  it.each<[string, WatchEnd]>([
    ['as the end of the watch', { kind: 'gone', error: gone }],
    ['as an ERROR event', { kind: 'error', error: gone }],
    ['as the reason Gone', { kind: 'error', error: failure({ status: 500, reason: 'Gone' }) }],
  ])('[W3] 410 %s lists again at no resourceVersion, exactly once', (_, end) => {
    const m = machine().live().ends(end);
    expect(m.acts).toEqual([lists('')]);
    expect(m.reports).toHaveLength(1);
    expect(m.page('50').acts).toEqual([{ type: 'replace', from: 'pages', position: '50' }, watches('50')]);
    expect(m.opens().acts).toEqual([]);
  });

  it('[W3] a 410 from where the newest list ended waits before it lists again', () => {
    const m = machine().live().ends({ kind: 'gone', error: gone }).page('50').ends({ kind: 'gone', error: gone });
    expect(m.acts).toEqual([{ type: 'backoff', scope: 'target' }]);
    expect(m.timer().acts).toEqual([lists('')]);
  });

  it.each<[rule: string, error: KubeWatchError, wait: ReflectorEffect]>([
    ['[W4] 429', failure({ status: 429, retryAfterMs: 7000 }), { type: 'timer', ms: 7000 }],
    ['[W4] 429 without a time', failure({ status: 429 }), { type: 'backoff', scope: 'target' }],
    ['[W5] 500', failure({ status: 500 }), { type: 'backoff', scope: 'target' }],
    ['[W5] 504', failure({ status: 504 }), { type: 'backoff', scope: 'target' }],
    ['[W5] 503 of a proxy', failure({ status: 503 }), { type: 'backoff', scope: 'cluster' }],
    ['[W10] a cut connection', cut, { type: 'backoff', scope: 'cluster' }],
  ])('%s waits and watches again from the last resourceVersion, without a list', (_, error, wait) => {
    const m = machine().live().events('20').fails(error);
    expect(m.effects).toEqual([{ type: 'report', error }, wait]);
    expect([watchStatusOf(m.state), isStaleState(m.state), m.state.error]).toEqual(['reconnecting', true, error]);
    expect(m.timer().effects).toEqual([watches('20')]);
    expect(isStaleState(m.state)).toBe(true);
    expect(m.opens().state).toMatchObject({ name: 'live', error: undefined });
  });

  it('[W4] the time of the end stands before that of the error', () => {
    const m = machine()
      .live()
      .ends({ kind: 'error', error: failure({ status: 429 }), retryAfterMs: 3000 });
    expect(m.acts).toEqual([{ type: 'timer', ms: 3000 }]);
  });

  it('[W6] ResourceVersionTooLarge lists at no resourceVersion after the time that it names', () => {
    const m = machine().live().fails(tooLarge);
    expect(m.acts).toEqual([{ type: 'timer', ms: 1000 }]);
    expect(m.timer().acts).toEqual([lists('')]);
    const listing = machine().start().listFails(tooLarge);
    expect(listing.acts).toEqual([{ type: 'timer', ms: 1000 }]);
    expect(listing.timer().acts).toEqual([lists('')]);
  });

  it('[W12] within a second and without an event is a failure; later, or with one, it is none', () => {
    const short = machine().start().page('10').opens().after(999).ends();
    expect(short.acts).toEqual([{ type: 'backoff', scope: 'target' }]);
    expect(short.reports).toMatchObject([{ code: 'KUBE_SHORT_WATCH', retryable: true }]);
    expect(short.timer().acts).toEqual([watches('10')]);
    expect(machine().start().page('10').opens().after(1000).ends().acts).toEqual([watches('10')]);
    expect(machine().start().page('10').opens().events('11').ends().acts).toEqual([watches('11')]);
    expect(machine().start().page('10').ends().acts).toEqual([{ type: 'backoff', scope: 'target' }]);
  });

  it('stops after maxRetries failures in a row, with the last error', () => {
    const m = machine({ maxRetries: 2 }).live();
    m.fails(cut).timer().fails(cut).timer();
    expect(m.state.name).toBe('rewatching');
    m.fails(failure({ status: 500 }));
    expect(m.state).toMatchObject({ name: 'stopped', error: { status: 500 } });
    expect(isStaleState(m.state)).toBe(true);
    const recovered = machine({ maxRetries: 1 }).live();
    for (let round = 0; round < 5; round += 1) recovered.fails(cut).timer().opens().events('12');
    expect(recovered.state.name).toBe('live');
  });
});

describe('what is refused', () => {
  const unauthorized = failure({ status: 401 });
  const forbidden = failure({ status: 403 });

  it.each<[string, (m: ReturnType<typeof machine>) => ReturnType<typeof machine>, unknown]>([
    ['a list', (m) => m.start().listFails(unauthorized), lists('0')],
    ['a watch', (m) => m.live().fails(unauthorized), watches('11')],
  ])('[W7] 401 of %s refreshes the credentials once and tries again', (_, until, again) => {
    const m = until(machine());
    const refresh = m.state.serial;
    expect(m.acts).toEqual([
      { type: 'timer', ms: 30_000 },
      { type: 'refresh-credentials', refresh },
    ]);
    expect(m.send({ type: 'refreshed', refresh: refresh - 1, changed: true }).acts).toEqual([]);
    expect(m.send({ type: 'refreshed', refresh, changed: true }).acts).toEqual([{ type: 'clear-timer' }, again]);
    const second = m.state.name === 'listing' ? m.listFails(unauthorized) : m.fails(unauthorized);
    expect(second.state).toMatchObject({ name: 'stopped', error: unauthorized });
    expect(second.acts).toEqual([]);
  });

  it('[W7] stops at once without other credentials, and begins again on demand', () => {
    const m = machine().start().listFails(unauthorized);
    m.send({ type: 'refreshed', refresh: m.state.serial, changed: false });
    expect(m.state.name).toBe('stopped');
    expect(m.refetch().acts).toEqual([lists('')]);
    expect(machine({ canRefresh: false }).start().listFails(unauthorized).state.name).toBe('stopped');
  });

  it('[W7] waits where nobody could be asked for other credentials, and asks again after the next 401', () => {
    const m = machine().start().listFails(unauthorized);
    m.send({ type: 'refresh-failed', refresh: m.state.serial });
    expect([m.state.name, m.acts]).toEqual(['backoff', [{ type: 'backoff', scope: 'target' }]]);
    expect(m.timer().acts).toEqual([lists('0')]);
    expect(m.listFails(unauthorized).state.name).toBe('refreshing');
    const once = machine({ maxRetries: 0 }).start().listFails(unauthorized);
    once.send({ type: 'refresh-failed', refresh: once.state.serial });
    expect(once.state).toMatchObject({ name: 'stopped', error: unauthorized });
  });

  it('[W7] [W12] waits, too, where the question for other credentials is not answered within 30 s', () => {
    const m = machine().start().listFails(unauthorized);
    const refresh = m.state.serial;
    expect(m.timer().state).toMatchObject({ name: 'backoff', isRefreshed: false });
    const before = m.state;
    expect(m.send({ type: 'refreshed', refresh, changed: true }).state).toBe(before);
    m.timer();
    expect(m.listFails(unauthorized).state.name).toBe('refreshing');
  });

  it.each(['wake', 'transport'] as const)('[W7] what gave up begins anew by a %s', (type) => {
    const m = machine().live().fails(unauthorized);
    m.send({ type: 'refreshed', refresh: m.state.serial, changed: false });
    expect(m.state.name).toBe('stopped');
    expect(m.send({ type }).acts).toEqual([lists('')]);
    expect(m.listFails(unauthorized).state.name).toBe('refreshing');
    const once = machine({ watch: false }).start().page('10');
    expect(once.send({ type }).effects).toEqual([]);
  });

  it('[W7] credentials that worked in between are refreshed anew', () => {
    const m = machine().start().listFails(unauthorized);
    m.send({ type: 'refreshed', refresh: m.state.serial, changed: true }).page('10').opens().events('11');
    expect(m.fails(unauthorized).state.name).toBe('refreshing');
  });

  it('[W8] 403 of a list stops the target with the error, keeps its items and is probed every 30 s', () => {
    const m = machine().live().ends({ kind: 'gone', error: gone }).listFails(forbidden);
    for (let round = 0; round < 3; round += 1) {
      expect(m.acts).toEqual([{ type: 'timer', ms: 30_000 }]);
      expect([watchStatusOf(m.state), m.state.error, isStaleState(m.state)]).toEqual(['stopped', forbidden, true]);
      m.timer();
      expect(m.acts).toEqual([lists('')]);
      m.listFails(forbidden);
    }
    expect(m.timer().page('60').acts).toEqual([{ type: 'replace', from: 'pages', position: '60' }, watches('60')]);
  });

  it('[W8] 403 of a watch alone: the list that may be read is polled, and says why', () => {
    const m = machine().start().page('10').fails(forbidden);
    expect(m.acts).toEqual([{ type: 'timer', ms: 10_000 }]);
    expect([watchStatusOf(m.state), m.state.error, isStaleState(m.state)]).toEqual(['polling', forbidden, false]);
    expect(m.timer().acts).toEqual([lists('10')]);
    expect(watchStatusOf(m.state)).toBe('polling');
    m.page('12');
    expect(m.acts).toEqual([{ type: 'replace', from: 'pages', position: '12' }, watches('12')]);
    expect([watchStatusOf(m.state), m.state.error]).toEqual(['polling', forbidden]);
    expect(m.fails(forbidden).acts).toEqual([{ type: 'timer', ms: 10_000 }]);
    expect(m.timer().page('14').opens().state).toMatchObject({ name: 'live', error: undefined });
  });

  it('[W8] a watch that is refused just after it was accepted is no reason to list again at once', () => {
    const m = machine().start().page('10').opens().after(20).fails(forbidden);
    expect(m.acts).toEqual([{ type: 'timer', ms: 10_000 }]);
    m.timer().page('12').opens().after(20).fails(forbidden);
    expect([m.acts, watchStatusOf(m.state), m.state.error]).toEqual([
      [{ type: 'timer', ms: 10_000 }],
      'polling',
      forbidden,
    ]);
    expect(m.timer().page('14').opens().after(5000).fails(forbidden).acts).toEqual([lists('14')]);
  });

  it('[W8] a watch that was interrupted before it is refused is no proof that the list may be read; a poll is', () => {
    const m = machine().start().page('10').opens().after(20).interrupted().fails(forbidden);
    expect(m.acts).toEqual([lists('10')]);
    m.page('12').opens().after(20).interrupted().fails(forbidden);
    expect(m.acts).toEqual([{ type: 'timer', ms: 10_000 }]);
  });

  it('[W8] a permission that is taken from a live watch is asked after by a list', () => {
    const m = machine().live().fails(forbidden);
    expect(m.acts).toEqual([lists('11')]);
    expect(m.listFails(forbidden).state.name).toBe('probing');
  });

  it('a type that can be listed and not watched (405) is polled', () => {
    expect(
      machine()
        .start()
        .page('10')
        .fails(failure({ status: 405 })).state.name,
    ).toBe('polling');
  });

  it.each([400, 406, 422])('any other refusal (%i) is asked again every 30 s', (status) => {
    expect(machine().start().listFails(failure({ status })).acts).toEqual([{ type: 'timer', ms: 30_000 }]);
  });

  it('[W9] 404 of the type empties the target, with the error, and is asked again every 30 s', () => {
    const missing = failure({ status: 404 });
    const m = machine().live().fails(missing);
    expect(m.effects).toEqual([{ type: 'report', error: missing }, { type: 'clear' }, { type: 'timer', ms: 30_000 }]);
    expect([watchStatusOf(m.state), m.state.error]).toEqual(['stopped', missing]);
    expect(m.timer().acts).toEqual([lists('')]);
    expect(m.page('70').acts).toContainEqual(watches('70'));
  });
});

describe('[W16] watch-list', () => {
  it('collects the initial events and replaces the store at their end, on the same watch', () => {
    const m = machine({ hasWatchList: true }).start();
    expect(m.effects).toEqual([{ type: 'watch', serial: 1, resourceVersion: undefined, sendInitialEvents: true }]);
    expect(watchStatusOf(m.state)).toBe('connecting');
    m.opens();
    expect(watchStatusOf(m.state)).toBe('syncing');
    expect(m.events('5').acts).toEqual([{ type: 'keep' }]);
    expect(m.endsInitially('30').acts).toEqual([{ type: 'replace', from: 'initial-events', position: '30' }]);
    expect(m.state).toMatchObject({ name: 'live', isSynced: true, position: '30' });
    expect(m.after(5000).ends().acts).toEqual([watches('30')]);
  });

  it.each([400, 422])('%i means that there is none: lists are used', (status) => {
    const m = machine({ hasWatchList: true }).start().fails(failure({ status }));
    expect(m.acts).toEqual([{ type: 'refuse-watch-list' }, lists('0')]);
    expect(m.state).toMatchObject({ name: 'listing', error: undefined });
  });

  it('that is cut or ends before its bookmark begins anew after a wait, and changed nothing', () => {
    for (const end of [{ kind: 'error', error: cut }, { kind: 'normal' }] as const) {
      const m = machine({ hasWatchList: true }).start().opens().events('5').after(9000).ends(end);
      expect(m.acts).toMatchObject([{ type: 'backoff' }]);
      expect(m.timer().acts).toMatchObject([{ type: 'watch', sendInitialEvents: true }]);
    }
  });

  it('[W3] [W17] serves after a 410 as well, and what is shown is marked stale until it is in', () => {
    const m = machine({ hasWatchList: true }).start().endsInitially('30').events('31');
    m.ends({ kind: 'gone', error: gone });
    expect(m.acts).toMatchObject([{ type: 'watch', sendInitialEvents: true, resourceVersion: undefined }]);
    expect([isStaleState(m.state), watchStatusOf(m.state)]).toEqual([true, 'reconnecting']);
    expect(m.fails(failure({ status: 422 })).acts).toEqual([{ type: 'refuse-watch-list' }, lists('')]);
  });

  it('[W8] forbidden as a watch is tried as a list', () => {
    expect(
      machine({ hasWatchList: true })
        .start()
        .fails(failure({ status: 403 })).acts,
    ).toEqual([lists('0')]);
  });
});

describe('a carrier that resumes by itself', () => {
  it('[W17] is interrupted and opens again on the same watch, stale in between', () => {
    const m = machine().live().interrupted();
    expect([m.acts, watchStatusOf(m.state), isStaleState(m.state)]).toEqual([[], 'reconnecting', true]);
    expect(m.opens().acts).toEqual([]);
    expect([watchStatusOf(m.state), isStaleState(m.state)]).toEqual(['live', false]);
  });

  it.each<[string, (m: ReturnType<typeof machine>) => ReturnType<typeof machine>]>([
    ['the list', (m) => m.start().page('10')],
    ['a normal end', (m) => m.live().ends()],
  ])('[W17] is interrupted before it opened after %s: what is shown is stale', (_, begin) => {
    const m = begin(machine()).interrupted(cut);
    expect([watchStatusOf(m.state), isStaleState(m.state), m.state.error]).toEqual(['reconnecting', true, cut]);
    m.opens();
    expect([watchStatusOf(m.state), isStaleState(m.state), m.state.error]).toEqual(['live', false, undefined]);
  });

  it('[W17] says why it is interrupted, for as long as it is', () => {
    const m = machine().live().interrupted(cut).interrupted();
    expect([watchStatusOf(m.state), m.state.error]).toEqual(['reconnecting', cut]);
    expect(m.opens().state.error).toBeUndefined();
  });

  it('[G7] that missed something: the watch goes on, its events are kept and applied after the list', () => {
    const m = machine().live().missed();
    expect(m.acts).toEqual([{ type: 'discard-kept' }, lists('')]);
    expect([watchStatusOf(m.state), isStaleState(m.state)]).toEqual(['syncing', true]);
    expect(m.events('52').acts).toEqual([{ type: 'keep' }]);
    expect(m.page('50').acts).toEqual([{ type: 'replace', from: 'pages', position: '50' }]);
    expect(m.state).toMatchObject({ name: 'live', position: '52' });
  });

  it('[G7] and missed more while it was listed: that list may be older, another one is read', () => {
    const m = machine().live().missed().missed();
    expect(m.acts).toEqual([{ type: 'abort-list' }, { type: 'discard-kept' }, lists('')]);
  });

  it('[G7] whose list fails keeps the watch and what it brings, and lists again', () => {
    const m = machine().live().missed().events('52').listFails(cut);
    expect(m.acts).toEqual([{ type: 'backoff', scope: 'cluster' }]);
    expect(m.events('53').acts).toEqual([{ type: 'keep' }]);
    expect(m.timer().acts).toEqual([lists('')]);
    expect(m.page('51').state).toMatchObject({ name: 'live', position: '53' });
  });

  it('whose watch ends beside the list is watched anew after it, from the list', () => {
    const m = machine().live().missed().events('52').ends();
    expect(m.acts).toEqual([{ type: 'discard-kept' }]);
    expect(m.page('60').acts).toEqual([{ type: 'replace', from: 'pages', position: '60' }, watches('60')]);
  });

  it('that brings more beside a list than may be kept: the list is read again after a wait', () => {
    const full = failure({ code: 'QUEUE_FULL' });
    const m = machine().live().missed().send({ type: 'overflow', error: full });
    expect(m.acts).toEqual([{ type: 'abort-list' }, { type: 'discard-kept' }, { type: 'backoff', scope: 'cluster' }]);
    expect(m.timer().acts).toEqual([lists('')]);
  });
});

describe('a list on demand', () => {
  it('is of the newest state, beside the watch, and the view stays live', () => {
    const m = machine().live().refetch();
    expect(m.acts).toEqual([lists('')]);
    expect([watchStatusOf(m.state), isStaleState(m.state)]).toEqual(['live', false]);
    expect(m.events('20').acts).toEqual([{ type: 'keep' }]);
    expect(m.page('19').state).toMatchObject({ name: 'live', position: '20' });
  });

  it('that fails leaves the watch as live as it was', () => {
    const m = machine()
      .live()
      .refetch()
      .events('20')
      .listFails(failure({ status: 500 }));
    expect(m.acts).toEqual([{ type: 'apply-kept' }]);
    expect(m.state).toMatchObject({ name: 'live', position: '20', error: undefined });
  });

  it('during another list reads anew, since that one may be older', () => {
    expect(machine().start().page('10', 'token').refetch().acts).toEqual([{ type: 'abort-list' }, lists('')]);
  });

  it('ends a wait', () => {
    expect(machine().live().fails(cut).refetch().acts).toEqual([{ type: 'clear-timer' }, lists('')]);
  });
});

describe('polling', () => {
  const polling = () => machine({ canWatch: false }).start().page('10');

  it('lists every interval, never an older state, and is not stale for it', () => {
    const m = polling();
    expect(m.acts).toEqual([
      { type: 'replace', from: 'pages', position: '10' },
      { type: 'timer', ms: 10_000 },
    ]);
    expect([watchStatusOf(m.state), isStaleState(m.state)]).toEqual(['polling', false]);
    expect(m.timer().acts).toEqual([lists('10')]);
    expect([watchStatusOf(m.state), isStaleState(m.state)]).toEqual(['polling', false]);
  });

  it('[W17] that fails is stale until a list succeeds', () => {
    const m = polling().timer().listFails(cut);
    expect(isStaleState(m.state)).toBe(true);
    expect(m.timer().acts).toEqual([lists('10')]);
    expect(isStaleState(m.state)).toBe(true);
    expect(isStaleState(m.page('12').state)).toBe(false);
  });
});

describe('another transport', () => {
  it('goes on from the last resourceVersion, without a list', () => {
    const m = machine().live().events('20').send({ type: 'transport' });
    expect(m.acts).toEqual([{ type: 'clear-timer' }, { type: 'unwatch' }, watches('20')]);
  });

  it('without watches polls at once', () => {
    const m = machine().live().configure({ canWatch: false }).send({ type: 'transport' });
    expect(m.acts).toEqual([{ type: 'clear-timer' }, { type: 'unwatch' }, lists('11')]);
    m.page('12').configure({ canWatch: true }).send({ type: 'transport' });
    expect(m.acts).toEqual([{ type: 'clear-timer' }, watches('12')]);
  });

  it.each<[string, (m: ReturnType<typeof machine>) => ReturnType<typeof machine>]>([
    ['while it is listed', (m) => m.missed()],
    ['while it waits', (m) => m.missed().events('30').listFails(cut)],
  ])('[W3] lists when something was missed before, %s', (_, until) => {
    const m = until(machine().live()).send({ type: 'transport' });
    expect(m.acts.at(-1)).toEqual(lists(''));
  });

  it('begins anew where nothing is shown yet', () => {
    expect(machine().start().page('10', 'token').send({ type: 'transport' }).acts).toEqual([
      { type: 'clear-timer' },
      { type: 'abort-list' },
      lists('0'),
    ]);
  });
});

describe('callbacks', () => {
  it('of an earlier list or watch change nothing', () => {
    const m = machine().live();
    const { state } = m;
    const stale: ReflectorEvent[] = [
      { type: 'page', list: 1, resourceVersion: '99', continueToken: undefined, isCut: false },
      { type: 'list-failed', list: 1, error: cut },
      { type: 'opened', watch: 1, at: 0 },
      { type: 'events', watch: 1, position: '99', at: 0 },
      { type: 'initial-events-end', watch: 1, position: '99', at: 0 },
      { type: 'interrupted', watch: 1, error: undefined },
      { type: 'missed', watch: 1 },
      { type: 'ended', watch: 1, end: { kind: 'gone', error: gone }, at: 0 },
      { type: 'refreshed', refresh: 1, changed: true },
      { type: 'timer' },
    ];
    for (const event of stale) {
      m.send(event);
      expect([event.type, m.effects]).toEqual([event.type, []]);
      expect(m.state).toBe(state);
    }
  });

  it('after the stop change nothing, and the stop ends all that runs', () => {
    const m = machine().live().missed().send({ type: 'stop' });
    expect(m.acts).toEqual([{ type: 'clear-timer' }, { type: 'abort-list' }, { type: 'unwatch' }]);
    for (const event of [{ type: 'stop' }, { type: 'timer' }, { type: 'start' }, { type: 'wake' }] as const)
      expect(m.send(event).effects).toEqual([]);
  });
});

it('a wake ends a wait, and the watch beside it goes on', () => {
  expect(machine().live().fails(cut).send({ type: 'wake' }).acts).toEqual([{ type: 'clear-timer' }, watches('11')]);
  const m = machine().live().missed().listFails(cut).send({ type: 'wake' });
  expect(m.acts).toEqual([{ type: 'clear-timer' }, lists('')]);
  expect(watchOf(m.state)).toBeDefined();
  expect(machine().live().send({ type: 'wake' }).acts).toEqual([]);
});
