import { describe, expect, it } from 'vitest';
import { protocolText } from '../../test/support/documents.ts';
import { connectingConfig, connectingEvents } from '../../test/support/machine-events.ts';
import { sectionOf, tableOf } from '../../test/support/markdown.ts';
import { closeCodes, type CloseCodeInfo } from '../protocol/codes.ts';
import { timings } from '../protocol/timings.ts';
import {
  connectingStart,
  connectingTransition,
  type ConnectingEvent,
  type ConnectingState,
} from './connecting-peer.ts';

const dial = 7;
const states: readonly ConnectingState[] = [
  { name: 'idle', dial },
  { name: 'connecting', dial, attempt: 2, freshToken: false },
  { name: 'open', dial, attempt: 2, openedAt: 1_999_000 },
  { name: 'leaving', dial, retryAfterMs: 700, reason: 'the server restarts' },
  {
    name: 'backoff',
    dial,
    attempt: 3,
    retryAt: 2_000_500,
    notBeforeAt: 1_999_500,
    freshToken: false,
    cause: { code: 1006, reason: '' },
  },
  { name: 'closed', dial, code: 1000, reason: 'done' },
];
const [idle, connecting, open, leaving, backoff] = states as [
  ConnectingState,
  ConnectingState,
  ConnectingState,
  ConnectingState,
  ConnectingState,
];
const hasSocket = (state: ConnectingState) => ['connecting', 'open', 'leaving'].includes(state.name);
const step = (state: ConnectingState, event: ConnectingEvent) => connectingTransition(state, event, connectingConfig);
const eventOf = (row: string): ConnectingEvent =>
  (connectingEvents(dial).find(([name]) => name === row) as readonly [string, ConnectingEvent])[1];

const table = tableOf(sectionOf(protocolText, 'The connecting peer'), 'event');
const cells = table.rows.flatMap(([row = '', ...columns]) =>
  columns.map((cell, column) => ({ row, name: table.head[column + 1] ?? '', cell })),
);

/** What a cell of the table stands for: the next state and the names of the effects, in order. */
function meaningOf(cell: string, state: ConnectingState): { state: string; effects: string[] } {
  if (cell === '') return { state: state.name, effects: [] };
  if (cell.startsWith('stop')) {
    const closeSocket = cell === 'stop without close-socket' ? [] : ['close-socket'];
    return {
      state: 'closed',
      effects: ['clear-timer', ...(hasSocket(state) ? [...closeSocket, 'release'] : []), 'stopped'],
    };
  }
  if (cell.endsWith('retry')) {
    const before = cell === 'retry' ? [] : cell.slice(0, -', retry'.length).split(', ');
    return { state: 'backoff', effects: [...before, 'release', 'timer'] };
  }
  const [next = '', effects = ''] = cell.split(': ');
  return { state: next, effects: effects.split(', ') };
}

describe('the table of the connecting peer', () => {
  it('has a row for each event and a column for each state', () => {
    expect(table.rows.map(([row]) => row)).toEqual(connectingEvents(dial).map(([row]) => row));
    expect(table.head.slice(1)).toEqual(states.map(({ name }) => name));
  });

  it.each(cells)('is what the machine does on $row in $name', ({ row, name, cell }) => {
    const state = states.find((candidate) => candidate.name === name) as ConnectingState;
    const next = step(state, eventOf(row));
    expect({ state: next.state.name, effects: next.effects.map(({ type }) => type) }).toEqual(meaningOf(cell, state));
    if (cell === '') expect(next.state).toBe(state);
  });

  it('changes nothing on an event of an earlier dial, in any state', () => {
    for (const state of states) {
      for (const [, event] of connectingEvents(dial - 1)) {
        if (!('dial' in event)) continue;
        const next = step(state, event);
        expect(next.state).toBe(state);
        expect(next.effects).toEqual([]);
      }
    }
  });
});

describe('dialling', () => {
  it('numbers each dial, and gives it the connect timeout', () => {
    const first = step(connectingStart, { type: 'connect' });
    expect(first.state).toEqual({ name: 'connecting', dial: 1, attempt: 0, freshToken: false });
    expect(first.effects).toEqual([
      { type: 'timer', ms: timings.connectTimeoutMs },
      { type: 'dial', dial: 1, freshToken: false },
    ]);
    expect(step(backoff, eventOf('timer')).effects[1]).toMatchObject({ type: 'dial', dial: dial + 1 });
  });

  it('[G5] dials at once when the network comes back or the page becomes visible', () => {
    expect(step(backoff, eventOf('wake'))).toEqual(step(backoff, eventOf('timer')));
    expect(step(open, eventOf('wake')).effects).toEqual([{ type: 'probe' }]);
  });

  it('[G5] dials on a wake no sooner than the server asked, and then without the jitter', () => {
    const waiting = step({ ...leaving, retryAfterMs: 60_000 } as ConnectingState, {
      type: 'settled',
      at: 0,
      random: 0.5,
    });
    expect(waiting.state).toMatchObject({ retryAt: 60_125, notBeforeAt: 60_000 });
    const woken = step(waiting.state, { type: 'wake', at: 20_000 });
    expect(woken.state).toEqual({ ...waiting.state, retryAt: 60_000 });
    expect(woken.effects).toEqual([{ type: 'timer', ms: 40_000 }]);
    expect(step(woken.state, { type: 'wake', at: 59_999 }).effects).toEqual([{ type: 'timer', ms: 1 }]);
    expect(step(woken.state, { type: 'wake', at: 60_000 })).toEqual(step(woken.state, eventOf('timer')));
  });

  it('[A2] asks for a fresh token after 4401, and goes on asking until an attempt has come through', () => {
    const expired: ConnectingEvent = { type: 'socket-closed', dial, code: 4401, reason: '', at: 2_000_000, random: 0 };
    const waiting = step(open, expired).state;
    expect(waiting).toMatchObject({ name: 'backoff', freshToken: true });
    const again = step(waiting, eventOf('timer'));
    expect(again.effects.at(-1)).toMatchObject({ type: 'dial', freshToken: true });
    const failed = step(again.state, {
      type: 'lost',
      dial: again.state.dial,
      code: 1006,
      reason: '',
      at: 0,
      random: 0,
    });
    expect(step(failed.state, eventOf('timer')).effects.at(-1)).toMatchObject({ type: 'dial', freshToken: true });
  });
});

describe('the back-off', () => {
  const lost = (at: number, random: number): ConnectingEvent => ({
    type: 'lost',
    dial,
    code: 1006,
    reason: 'silent',
    at,
    random,
  });

  it('[G5] grows with each attempt that fails, and is set as the timer', () => {
    const next = step(connecting, lost(5_000, 0.5));
    expect(next.state).toMatchObject({
      name: 'backoff',
      attempt: 3,
      retryAt: 5_500,
      cause: { code: 1006, reason: 'silent' },
    });
    expect(next.effects.at(-1)).toEqual({ type: 'timer', ms: 500 });
  });

  it('[G5] starts over after 10 s in open, and not before', () => {
    expect(step(open, lost(1_999_000 + 9_999, 0.5)).state).toMatchObject({ attempt: 3, retryAt: 2_008_999 + 500 });
    expect(step(open, lost(1_999_000 + 10_000, 0.5)).state).toMatchObject({ attempt: 1, retryAt: 2_009_000 + 125 });
  });

  it('[G1] [G5] obeys retryAfterMs of a goaway as the least wait, and starts over', () => {
    const next = step(leaving, { type: 'settled', at: 3_000_000, random: 0.5 });
    expect(next.effects[0]).toEqual({ type: 'close-socket', code: 1000, reason: 'goaway' });
    expect(next.state).toMatchObject({ name: 'backoff', attempt: 1, retryAt: 3_000_000 + 700 + 125 });
  });

  it('[G1] waits at most 5 s for the answers under way', () => {
    expect(step(open, eventOf('goaway')).effects).toEqual([{ type: 'timer', ms: 5_000 }, { type: 'hold' }]);
  });

  it('closes after maxAttempts in a row, with the cause of the last', () => {
    const limited = { ...connectingConfig, maxAttempts: 2 };
    const next = connectingTransition(connecting, lost(0, 0), limited);
    expect(next.state).toEqual({ name: 'closed', dial, code: 1006, reason: 'silent' });
    expect(next.effects.map(({ type }) => type)).toEqual(['clear-timer', 'close-socket', 'release', 'stopped']);
    const closedByPeer = connectingTransition(connecting, eventOf('socket-closed (reconnect)'), limited);
    expect(closedByPeer.effects.map(({ type }) => type)).toEqual(['clear-timer', 'release', 'stopped']);
  });
});

describe('closes', () => {
  const closes = Object.entries(closeCodes as Record<number, CloseCodeInfo>).map(([code, info]) => ({
    code: Number(code),
    ...info,
  }));

  it.each(closes)('[G4] does on $code what the registry says: $action', ({ code, action }) => {
    const next = step(open, { type: 'socket-closed', dial, code, reason: '', at: 2_000_000, random: 0.5 });
    expect(next.state).toMatchObject(
      action === 'final' ? { name: 'closed', code } : { name: 'backoff', freshToken: action === 'refresh' },
    );
  });

  it('[O7] does not connect again after another frame than welcome first, or a second welcome', () => {
    for (const [state, row] of [
      [connecting, 'frame'],
      [connecting, 'goaway'],
      [open, 'welcome'],
      [leaving, 'welcome'],
    ] as const) {
      expect(step(state, eventOf(row)).state).toMatchObject({ name: 'closed', code: 1002 });
    }
  });

  it('stops in every state, once', () => {
    for (const state of [idle, connecting, open, leaving, backoff]) {
      const stopped = step(state, eventOf('stop'));
      expect(stopped.state).toMatchObject({ name: 'closed', code: 1000, reason: 'disposed' });
      expect(step(stopped.state, eventOf('stop')).effects).toEqual([]);
    }
  });
});
