import fc, { type Arbitrary } from 'fast-check';
import type { AcceptingEvent } from '../../src/core/accepting-peer.ts';
import type { ConnectingConfig, ConnectingEvent } from '../../src/core/connecting-peer.ts';
import { timings } from '../../src/protocol/timings.ts';

/** One event of the accepting peer for each row of PROTOCOL.md's table. */
export const acceptingEvents: readonly AcceptingEvent[] = [
  { type: 'hello', frame: { type: 'hello', protocol: 1, peer: { name: 'web', version: '1' } } },
  { type: 'frame' },
  { type: 'authenticated' },
  { type: 'refused', code: 4501, reason: 'token invalid' },
  { type: 'hello-timeout' },
  { type: 'goaway', code: 'DRAINING', reason: 'the server restarts', retryAfterMs: 700 },
  { type: 'close', code: 4408, reason: 'no byte taken' },
  { type: 'socket-closed', code: 1006, reason: 'lost' },
];

export const anyAcceptingEvent: Arbitrary<AcceptingEvent> = fc.constantFrom(...acceptingEvents);

export const connectingConfig: ConnectingConfig = { ...timings, maxAttempts: Infinity };

const soon = { at: 2_000_000, random: 0.5 };

/** One event of the connecting peer for each row of PROTOCOL.md's table, on the dial `dial`. */
export function connectingEvents(dial: number): readonly (readonly [row: string, event: ConnectingEvent])[] {
  return [
    ['connect', { type: 'connect' }],
    ['welcome', { type: 'welcome', dial, at: soon.at }],
    ['frame', { type: 'frame', dial }],
    ['goaway', { type: 'goaway', dial, retryAfterMs: 700, reason: 'the server restarts' }],
    ['settled', { type: 'settled', ...soon }],
    ['timer', { type: 'timer', ...soon }],
    ['wake', { type: 'wake', at: soon.at }],
    ['wake (before `retryAfterMs` has passed)', { type: 'wake', at: soon.at - 1_000 }],
    ['violation', { type: 'violation', dial, code: 1002, reason: 'nonsense' }],
    ['lost', { type: 'lost', dial, code: 1006, reason: 'silent', ...soon }],
    ['socket-closed (reconnect)', { type: 'socket-closed', dial, code: 1012, reason: 'restart', ...soon }],
    ['socket-closed (final)', { type: 'socket-closed', dial, code: 4501, reason: 'token invalid', ...soon }],
    ['stop', { type: 'stop', code: 1000, reason: 'disposed' }],
  ];
}

const draw = {
  at: fc.integer({ min: 0, max: 2_000_000 }),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
};
const code = fc.oneof(
  fc.constantFrom(1000, 1002, 1006, 1012, 4401, 4408, 4501, 4599),
  fc.integer({ min: 0, max: 65_535 }),
);
const ended = { code, reason: fc.string({ maxLength: 5 }) };

/** Any event of the connecting peer; `back` says how many dials ago its socket was dialled. */
export const anyConnectingEvent: Arbitrary<{
  readonly back: number;
  readonly event: (dial: number) => ConnectingEvent;
}> = fc.record({
  back: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) }),
  event: fc.oneof(
    fc.constant(() => ({ type: 'connect' }) as const),
    fc.record(draw).map(
      ({ at }) =>
        (dial: number) =>
          ({ type: 'welcome', dial, at }) as const,
    ),
    fc.constant((dial: number) => ({ type: 'frame', dial }) as const),
    fc
      .record({ retryAfterMs: fc.nat(60_000) })
      .map((more) => (dial: number) => ({ type: 'goaway', dial, reason: 'bye', ...more }) as const),
    fc.record(draw).map((at) => () => ({ type: 'settled', ...at }) as const),
    fc.record(draw).map((at) => () => ({ type: 'timer', ...at }) as const),
    fc.record(draw).map(
      ({ at }) =>
        () =>
          ({ type: 'wake', at }) as const,
    ),
    fc.record(ended).map((end) => (dial: number) => ({ type: 'violation', dial, ...end }) as const),
    fc.record({ ...ended, ...draw }).map((end) => (dial: number) => ({ type: 'lost', dial, ...end }) as const),
    fc.record({ ...ended, ...draw }).map((end) => (dial: number) => ({ type: 'socket-closed', dial, ...end }) as const),
    fc.record(ended).map((end) => () => ({ type: 'stop', ...end }) as const),
  ),
});
