import { expect, it } from 'vitest';
import { runConformanceCase, type ConformanceStep, type ConformanceSubject } from './conformance.ts';
import type { ConformanceWire, WireEvent } from './conformance-wire.ts';

/** A peer that answers each text by a script, and whose clock only counts. */
function createScripted(answer: (text: string) => readonly WireEvent[]) {
  const arrived: WireEvent[] = [];
  const sent: string[] = [];
  const wire: ConformanceWire = {
    sendText: (text) => {
      sent.push(text);
      arrived.push(...answer(text));
    },
    sendBytes: () => {},
    close: () => {},
    cut: () => {},
    take: () => arrived.shift(),
  };
  const seen = { elapsedMs: 0, disposed: 0, actions: [] as unknown[] };
  let dials = 0;
  const subject: ConformanceSubject = {
    nextWire: () => {
      dials += 1;
      return dials === 1 ? wire : undefined;
    },
    advance: async (ms) => {
      seen.elapsedMs += ms;
      if (seen.elapsedMs >= 1_000 && !sent.includes('late')) {
        sent.push('late');
        arrived.push({ kind: 'close', code: 4408, reason: 'late' });
      }
    },
    act: (action) => seen.actions.push(action),
    outcome: (name) => (name === 'known' ? { result: [1, { a: 2 }] } : undefined),
    dispose: () => {
      seen.disposed += 1;
    },
  };
  return { subject, sent, seen };
}

const text = (frame: object): WireEvent => ({ kind: 'text', text: JSON.stringify(frame) });
const caseOf = (...steps: ConformanceStep[]) => ({ title: 'case', rules: ['M1'], steps });
const echo = () => createScripted((sent) => [{ kind: 'text', text: sent }]);
const run = (scripted: ReturnType<typeof createScripted>, ...steps: ConformanceStep[]) =>
  runConformanceCase(caseOf(...steps), scripted.subject);

it('passes when every step holds, and disposes the subject', async () => {
  const scripted = echo();
  await run(
    scripted,
    { connect: true },
    { send: { type: 'a', list: [1, { b: 2 }] } },
    { expect: { list: [1, { b: '*two' }], absent: null } },
    { send: { type: 'b', value: '$two' } },
    { expect: { type: 'b', value: 2 } },
    { do: { action: 'act', value: '$two' } },
    { expectOutcome: { of: 'known', is: { result: [1, { a: '$two' }] } } },
    { expectNothing: true },
    { expectClose: 4408, withinMs: 1_000 },
    { expectNoDial: { forMs: 100 } },
  );
  expect(scripted.seen.actions).toEqual([{ action: 'act', value: 2 }]);
  expect(scripted.seen.disposed).toBe(1);
});

const failures: readonly [why: string, step: ConformanceStep][] = [
  ['a member differs', { expect: { type: 'a', n: 2 } }],
  ['a member is missing', { expect: { type: 'a', more: '*' } }],
  ['a member is there that must not be', { expect: { n: null } }],
  ['an array is longer', { expect: { list: [1] } }],
  ['an element differs', { expect: { list: [1, 3] } }],
  ['an object stands for an array', { expect: { list: {} } }],
  ['a name was not captured', { expect: { n: '$unknown' } }],
  ['a frame came where none should', { expectNothing: true }],
  ['a frame came where a close should', { expectClose: '*' }],
  ['another code comes', { expectClose: 1002, withinMs: 1_000, skip: 'a' }],
  ['nothing comes in time', { expectClose: 4408, withinMs: 900, skip: 'a' }],
  ['no connection comes', { expectDial: { withinMs: 100 } }],
  ['an outcome differs', { expectOutcome: { of: 'known', is: { result: [1] } } }],
  ['an outcome is missing', { expectOutcome: { of: 'unknown', is: { result: 1 } } }],
  ['the step is unknown', { wait: 5 } as unknown as ConformanceStep],
];

it.each(failures)('fails and names the step when %s', async (_why, step) => {
  const scripted = echo();
  const outcome = run(scripted, { connect: true }, { send: { type: 'a', n: 1, list: [1, 2] } }, step);
  await expect(outcome).rejects.toThrow(/^step 3 /);
  expect(scripted.seen.disposed).toBe(1);
});

it('fails when a second connection comes where none should', async () => {
  const scripted = echo();
  await expect(run(scripted, { expectNoDial: { forMs: 10 } })).rejects.toThrow('connected again');
});

it('answers pings, unless it is told not to, and gives them to a step that expects one', async () => {
  const scripted = createScripted((sent) =>
    sent.includes('go') ? [text({ type: 'ping', t: 7 }), text({ type: 'done' })] : [],
  );
  await run(scripted, { connect: true }, { sendText: 'go' }, { expect: { type: 'done' } });
  expect(scripted.sent).toEqual(['go', '{"type":"pong","t":7}']);
  const silent = createScripted((sent) => (sent.includes('go') ? [text({ type: 'ping', t: 7 })] : []));
  await run(silent, { connect: true }, { answerPings: false }, { sendText: 'go' }, { expect: { type: 'ping', t: 7 } });
  expect(silent.sent).toEqual(['go']);
});

it('pads a frame to the bytes that it is told, and repeats it', async () => {
  const scripted = createScripted(() => []);
  await run(scripted, { connect: true }, { send: { type: 'a' }, padToBytes: 100, times: 2 });
  expect(scripted.sent.map((sent) => sent.length)).toEqual([100, 100]);
});
