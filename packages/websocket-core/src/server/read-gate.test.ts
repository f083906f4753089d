import { beforeEach, describe, expect, it } from 'vitest';
import type { AcceptedSocket } from '../core/accepted-socket.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { ReadGate } from './read-gate.ts';

describe('ReadGate', () => {
  let clock: ManualClock;
  let calls: string[];
  let gate: ReadGate;
  beforeEach(() => {
    clock = createManualClock();
    calls = [];
    const socket = { pause: () => calls.push('pause'), resume: () => calls.push('resume') };
    gate = new ReadGate(socket as unknown as AcceptedSocket, clock);
  });

  it('[B4] [B5] is shut while there is any reason, and pauses and resumes once', () => {
    gate.rest(1_000);
    gate.waitForAnswers();
    gate.rest(5_000);
    clock.advance(1_000);
    expect([calls, gate.isShut]).toEqual([['pause'], true]);
    gate.answersTaken();
    gate.answersTaken();
    expect([calls, gate.isShut]).toEqual([['pause', 'resume'], false]);
    gate.waitForAnswers();
    gate.rest(10);
    gate.answersTaken();
    expect(gate.isShut).toBe(true);
    clock.advance(10);
    expect(calls).toEqual(['pause', 'resume', 'pause', 'resume']);
  });

  it('opens for good when the connection is over, and leaves no timer', () => {
    gate.release();
    expect(calls).toEqual([]);
    gate.rest(1_000);
    gate.waitForAnswers();
    gate.release();
    expect([calls, clock.pending, gate.isShut]).toEqual([['pause', 'resume'], 0, false]);
  });
});
