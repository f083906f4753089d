import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it, vi } from 'vitest';
import {
  busyMinReadBytes,
  busyWindowMs,
  createFileSends,
  maxSendMs,
  maxSends,
  maxSendsPerClient,
  maxWaiting,
  maxWaitMs,
  minReadBytes,
  readerWindowMs,
} from './file-sends.ts';

/** An answer whose reader takes as many bytes each second. */
class Answer extends EventEmitter {
  readonly socket = { bytesWritten: 0, writableLength: 0 };
  headersSent = true;
  destroyed = false;
  rate: number;

  constructor(rate: number) {
    super();
    this.rate = rate;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}

function world() {
  const clock = createManualClock();
  const sends = createFileSends(clock);
  const answers: Answer[] = [];
  const asks = (client: string, rate: number) => {
    const answer = new Answer(rate);
    answers.push(answer);
    const outcome = vi.fn<(outcome: string) => void>();
    void sends.begin(answer as unknown as ServerResponse, client).then(outcome);
    return { answer, outcome };
  };
  const asked = (count: number, clientOf: (index: number) => string, rate: number) =>
    Array.from({ length: count }, (_, index) => asks(clientOf(index), rate));
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      for (const answer of answers) answer.socket.bytesWritten += answer.rate / 2;
      clock.advance(500);
      await Promise.resolve();
    }
  };
  return { sends, asks, asked, pass };
}
const cut = (all: readonly { readonly answer: Answer }[]) => all.filter(({ answer }) => answer.destroyed).length;
const perSecond = (bytes: number, windowMs: number) => (bytes / windowMs) * 1_000;
const least = perSecond(minReadBytes, readerWindowMs);
const busyLeast = perSecond(busyMinReadBytes, busyWindowMs);

it('cuts who takes some all the time, and too little, and no slow reader that takes enough', async () => {
  const { asks, pass } = world();
  const [trickle, slow, unsent] = [asks('a', least * 0.9), asks('a', least * 1.1), asks('a', 0)];
  // What the server itself has not begun to answer is no slow reader.
  unsent.answer.headersSent = false;
  await pass(readerWindowMs - 1_000);
  expect(trickle.answer.destroyed).toBe(false);
  await pass(2_000);
  expect([trickle, slow, unsent].map(({ answer }) => answer.destroyed)).toEqual([true, false, false]);
  await pass(100_000);
  expect(slow.answer.destroyed).toBe(false);
});

it('counts what a reader has taken, and not what still waits in memory', async () => {
  const { asks, pass } = world();
  const { answer } = asks('a', 0);
  await pass(1_000);
  Object.assign(answer.socket, { bytesWritten: 1e6, writableLength: 1e6 });
  await pass(readerWindowMs - 500);
  expect(answer.destroyed).toBe(true);
});

it('cuts a slow reader sooner where its client waits for the place, and no more of them than are waited for', async () => {
  const { asks, asked, pass } = world();
  const others = asked(maxSendsPerClient, () => 'other', least * 2);
  const slow = asked(maxSendsPerClient - 1, () => 'a', least * 2);
  const fast = asks('a', busyLeast * 2);
  await pass(busyWindowMs * 4);
  expect(cut([...others, ...slow, fast])).toBe(0);
  const next = asks('a', busyLeast * 2);
  await pass(500);
  expect(next.outcome).toHaveBeenCalledExactlyOnceWith('begun');
  await pass(busyWindowMs * 4);
  expect([cut(others), cut(slow), cut([fast, next])]).toEqual([0, 1, 0]);
});

it('gives a place of the client that holds the most to another where all are taken', async () => {
  const { asks, asked, pass } = world();
  const greedy = asked(maxSends - 8, (index) => String(index % 8), least * 2);
  const modest = asked(8, (index) => `modest ${String(index)}`, least * 1.5);
  await pass(busyWindowMs + 500);
  const late = asks('late', busyLeast * 2);
  await pass(500);
  expect(late.outcome).toHaveBeenCalledExactlyOnceWith('begun');
  expect([cut(greedy), cut(modest)]).toEqual([1, 0]);
});

it('keeps who holds its whole share waiting, whatever place becomes free', async () => {
  const { asks, asked, pass } = world();
  asked(maxSendsPerClient, () => 'a', busyLeast * 2);
  const waits = asks('a', busyLeast * 2);
  const other = asks('b', busyLeast * 2);
  other.answer.destroy();
  await pass(500);
  expect(waits.outcome).not.toHaveBeenCalled();
});

it('cuts nobody for whom a place is made by one that is cut already', async () => {
  const { asks, asked, pass } = world();
  const slow = asked(maxSends - 1, (index) => String(index % 8), least * 2);
  const stuck = asks('stuck', 0);
  await pass(busyWindowMs + 500);
  const late = asks('late', busyLeast * 2);
  // A socket is closed some time after it is destroyed.
  stuck.answer.destroyed = true;
  await pass(500);
  expect([cut(slow), late.outcome.mock.calls]).toEqual([0, []]);
  stuck.answer.emit('close');
  await pass(500);
  expect([cut(slow), late.outcome.mock.calls]).toEqual([0, [['begun']]]);
});

it('ends what takes too long in all, however fast it is read', async () => {
  const { asks, pass } = world();
  const { answer } = asks('a', busyLeast * 2);
  await pass(maxSendMs - 500);
  expect(answer.destroyed).toBe(false);
  await pass(500);
  expect(answer.destroyed).toBe(true);
});

it('has a line that is bounded, and where it is full, who waits seldom takes the place of who waits often', async () => {
  const { sends, asks, asked, pass } = world();
  const clientOf = (index: number) => String(index % 32);
  asked(maxSends, clientOf, busyLeast * 2);
  const line = asked(maxWaiting, clientOf, busyLeast * 2);
  const refused = () => line.flatMap(({ outcome }, index) => (outcome.mock.lastCall?.[0] === 'refused' ? [index] : []));
  const [honest, again] = [asks('honest', 1), asks('0', 1)];
  await pass(500);
  expect([honest.outcome.mock.calls, again.outcome.mock.calls]).toEqual([[], [['refused']]]);
  // The newest, of those that have the most.
  expect(refused()).toEqual([maxWaiting - 1]);
  // Where it has one fewer than others, it would only take turns with them.
  const turn = asks('31', 1);
  await pass(500);
  expect([turn.outcome.mock.calls, refused()]).toEqual([[['refused']], [maxWaiting - 1]]);
  sends.dispose();
});

it('gives a free place to the client that holds the fewest, and refuses who has waited too long', async () => {
  const { sends, asks, asked, pass } = world();
  const all = asked(maxSends, (index) => String(index % 8), busyLeast * 2);
  const [same, other] = [asks('1', 1), asks('other', busyLeast * 2)];
  all[0]?.answer.destroy();
  await pass(500);
  expect([same.outcome, other.outcome].map(({ mock }) => mock.calls)).toEqual([[], [['begun']]]);
  await pass(maxWaitMs);
  expect(same.outcome).toHaveBeenCalledExactlyOnceWith('refused');
  // Who went away is in nobody's way; who waits while the server stops is told so.
  const [gone, waits] = [asks('x', 1), asks('y', 1)];
  gone.answer.destroy();
  sends.drain();
  await pass(500);
  expect([gone.outcome, waits.outcome].map(({ mock }) => mock.calls)).toEqual([[['gone']], [['refused']]]);
});
