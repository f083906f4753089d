import { expect, it } from 'vitest';
import type { PluginOperationView } from '@fleetwire/plugin-manager';
import {
  noOperations,
  operationsTransition,
  runningOf,
  type OperationsEffect,
  type OperationsEvent,
} from './operations-state.ts';

const listed = { id: 'o', action: 'install', pluginId: 'a:b/c', state: 'running', startedAt: 0 } as const;
const running: PluginOperationView = {
  ...listed,
  percentage: 10,
  progress: { type: 'info', message: 'Downloading', percentage: 10 },
  warnings: [],
  startedBy: 'admin',
};
const done: PluginOperationView = { ...running, state: 'done', percentage: 100, version: '1.0.0' };

function play(events: readonly OperationsEvent[]) {
  let state = noOperations;
  const effects: OperationsEffect[] = [];
  for (const event of events) {
    const next = operationsTransition(state, event);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

it('an operation that the page began is announced once, however often its end is told', () => {
  const { effects, state } = play([
    { type: 'begun', operation: listed },
    { type: 'seen', view: running },
    { type: 'seen', view: done },
    { type: 'seen', view: done },
    { type: 'lost', id: 'o' },
  ]);
  expect(effects).toEqual([{ type: 'announce', operation: { status: 'ended', listed: done, view: done } }]);
  expect(runningOf(state)).toEqual([]);
});

it('one that runs is found in the list after a reload', () => {
  const { state } = play([{ type: 'listed', operations: [listed, { ...listed, id: 'old', state: 'failed' }] }]);
  expect(runningOf(state).map(({ listed: { id } }) => id)).toEqual(['o']);
});

it('one that had ended before the page knew it is not announced', () => {
  expect(play([{ type: 'seen', view: done }]).effects).toEqual([]);
});

it('what comes late changes nothing of an end', () => {
  const { state } = play([
    { type: 'begun', operation: listed },
    { type: 'seen', view: done },
    { type: 'seen', view: running },
    { type: 'listed', operations: [listed] },
  ]);
  expect(state.get('o')?.status).toBe('ended');
});

it('one that the server has forgotten is told as such', () => {
  const { effects } = play([
    { type: 'listed', operations: [listed] },
    { type: 'lost', id: 'o' },
  ]);
  expect(effects).toEqual([{ type: 'announce', operation: { status: 'lost', listed } }]);
});

it('ended ones are remembered up to a bound, running ones always', () => {
  const events: OperationsEvent[] = [{ type: 'begun', operation: listed }];
  for (let index = 0; index < 150; index += 1) {
    events.push({ type: 'seen', view: { ...done, id: `old-${String(index)}` } });
  }
  const { state } = play(events);
  expect(state.size).toBe(101);
  expect(state.has('o')).toBe(true);
  expect(state.has('old-149')).toBe(true);
});

it('what says nothing new leaves the state as it is', () => {
  const { state } = play([{ type: 'listed', operations: [listed] }]);
  expect(operationsTransition(state, { type: 'listed', operations: [listed] }).state).toBe(state);
});

it('the end of a verification is no news: the answer says whether the files are intact', () => {
  const { effects } = play([
    { type: 'listed', operations: [{ ...listed, action: 'verify' }] },
    { type: 'seen', view: { ...done, action: 'verify' } },
  ]);
  expect(effects).toEqual([]);
});
