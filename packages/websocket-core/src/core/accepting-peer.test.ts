import { describe, expect, it } from 'vitest';
import { protocolText } from '../../test/support/documents.ts';
import { acceptingEvents } from '../../test/support/machine-events.ts';
import { sectionOf, tableOf } from '../../test/support/markdown.ts';
import { acceptingStart, acceptingTransition, type AcceptingEvent, type AcceptingState } from './accepting-peer.ts';

const states: readonly AcceptingState[] = [
  acceptingStart,
  { name: 'authenticating' },
  { name: 'open' },
  { name: 'draining' },
];
const closed: AcceptingState = { name: 'closed', code: 1000, reason: 'done' };

const table = tableOf(sectionOf(protocolText, 'The accepting peer'), 'event');
const cells = table.rows.flatMap(([event, ...row]) =>
  row.map((cell, column) => ({ event, state: table.head[column + 1], cell })),
);

/** What a cell of the table stands for, in the words of {@link outcomeOf}. */
function meaningOf(cell: string, state: AcceptingState, event: AcceptingEvent): unknown {
  if (cell === '') return { state: state.name, effects: [] };
  const closes = /^close (\d+|\(its code\))$/.exec(cell);
  if (closes !== null) {
    const code = closes[1] === '(its code)' ? (event as { code: number }).code : Number(closes[1]);
    return { state: 'closed', effects: ['close', 'release'], code };
  }
  const [next, effects] = cell.split(': ');
  const shared = { state: next, effects: effects?.split(', ') };
  return next === 'closed' ? { ...shared, code: (event as { code: number }).code } : shared;
}

function outcomeOf(state: AcceptingState, event: AcceptingEvent): unknown {
  const next = acceptingTransition(state, event);
  const effects = next.effects.map(({ type }) => type);
  for (const effect of next.effects) {
    if (effect.type === 'close')
      expect(effect).toEqual({
        type: 'close',
        code: (next.state as { code: number }).code,
        reason: (next.state as { reason: string }).reason,
      });
  }
  return next.state.name === 'closed'
    ? { state: 'closed', effects, code: next.state.code }
    : { state: next.state.name, effects };
}

describe('the table of the accepting peer', () => {
  it('has a row for each event and a column for each state but closed', () => {
    expect(table.rows.map(([event]) => event)).toEqual(acceptingEvents.map(({ type }) => type));
    expect(table.head.slice(1)).toEqual(states.map(({ name }) => name));
  });

  it.each(cells)('is what the machine does on $event in $state', ({ event: type, state: name, cell }) => {
    const state = states.find((candidate) => candidate.name === name) as AcceptingState;
    const event = acceptingEvents.find((candidate) => candidate.type === type) as AcceptingEvent;
    expect(outcomeOf(state, event)).toEqual(meaningOf(cell, state, event));
  });

  it.each(acceptingEvents)('changes nothing on $type in closed', (event) => {
    const next = acceptingTransition(closed, event);
    expect(next.state).toBe(closed);
    expect(next.effects).toEqual([]);
  });
});

it('[O1] [O7] closes with 1002 on a first frame that is no hello, on any before welcome, and on a second hello', () => {
  const [hello, frame] = acceptingEvents as [AcceptingEvent, AcceptingEvent];
  const { state: authenticating } = acceptingTransition(acceptingStart, hello);
  for (const [state, event] of [
    [acceptingStart, frame],
    [authenticating, frame],
    [authenticating, hello],
    [states[2], hello],
    [states[3], hello],
  ] as const) {
    expect(acceptingTransition(state as AcceptingState, event).state).toMatchObject({ name: 'closed', code: 1002 });
  }
});

it('hands the hello to authentication, and the goaway to the peer, as they came', () => {
  const [hello] = acceptingEvents as [AcceptingEvent];
  const goaway = acceptingEvents.find(({ type }) => type === 'goaway') as AcceptingEvent;
  expect(acceptingTransition(acceptingStart, hello).effects).toEqual([{ ...hello, type: 'authenticate' }]);
  expect(acceptingTransition({ name: 'open' }, goaway).effects).toEqual([goaway]);
});

it('dispatches a frame without making anything new', () => {
  for (const name of ['open', 'draining'] as const) {
    const first = acceptingTransition({ name }, { type: 'frame' });
    expect(acceptingTransition(first.state, { type: 'frame' })).toBe(first);
  }
});
