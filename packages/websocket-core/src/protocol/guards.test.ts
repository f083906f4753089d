import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptingPeerFrame, anyText, mutatedText } from '../../test/support/frames.ts';
import { checkProperty, propertyTimeoutMs } from '../../test/support/property.ts';
import { decodeAcceptingPeerFrame, type Decoded } from './decode.ts';
import { guardAcceptingPeerFrame } from './guards.ts';
import { browserLimits } from './limits.ts';
import { acceptingPeerSchemas } from './schemas.ts';

/** All of a verdict but its wording, and the frame, whose unknown keys only the schemas drop. */
function verdictOf(decoded: Decoded<unknown>): unknown {
  if (decoded.kind === 'malformed' || decoded.kind === 'frame') return decoded.kind;
  return [decoded.kind, decoded.type, decoded.id];
}

function expectEqualVerdicts(text: string): void {
  const [byGuards, bySchemas] = [guardAcceptingPeerFrame(text), decodeAcceptingPeerFrame(text)];
  expect(verdictOf(byGuards)).toEqual(verdictOf(bySchemas));
  if (byGuards.kind === 'frame' && bySchemas.kind === 'frame') expect(byGuards.frame).toMatchObject(bySchemas.frame);
}

const error = { code: 'LAGGED', message: 'm', retryable: true, retryAfterMs: 5, details: 1 };
const items = [{ key: 'k', version: 1, value: 1 }];
/** One frame of each type with every field that it may have. */
const full: readonly Readonly<Record<string, unknown>>[] = [
  {
    type: 'welcome',
    protocol: 1,
    connectionId: 'c',
    heartbeatMs: 1,
    limits: browserLimits,
    sentAt: 1,
    tokenExpiresAt: 2,
    ext: { a: 1 },
  },
  { type: 'ping', t: 1 },
  { type: 'pong', t: 1 },
  { type: 'request', id: 1, method: 'm', params: 1, idempotencyKey: 'k', traceparent: 't' },
  { type: 'response', id: 1, result: 1, error },
  { type: 'cancel', id: 1 },
  { type: 'message', name: 'n', data: 1 },
  { type: 'error', ...error, about: { type: 't', id: 1 } },
  { type: 'snapshot', ch: 1, items, more: true, position: 'p' },
  { type: 'publication', ch: 1, position: 'p', data: 1, set: items, del: [{ key: 'k', version: 1 }] },
  { type: 'gap', ch: 1, dropped: 1 },
  { type: 'unsubscribed', ch: 1, code: 'ENDED', reason: '', retryable: false },
  { type: 'goaway', code: 'DRAINING', reason: '', retryAfterMs: 0 },
  { type: 'stream.open', id: 1, kind: 'vnc', meta: 1 },
  { type: 'stream.close', id: 1, code: 'ENDED', reason: '' },
];

// The values at which some check of a field turns over. JSON has no undefined: it stands for a member that is missing.
const edges: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    false,
    0,
    -0,
    1,
    -1,
    0.5,
    -0.5,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 53),
    1e300,
  ],
  ...['', ' ', 'x'.repeat(200), 'x'.repeat(201), '🚀'.repeat(100), '🚀'.repeat(101), '\ud800', '1'],
  ...[[], [null], [1], [[]], [{}], {}, { length: 1 }, { length: { toString: '' } }, { constructor: 1 }, { a: [] }],
];

/** Every copy of `value` in which one member, at any depth, is replaced by one of the edges. */
function* variantsOf(value: unknown): Generator<unknown> {
  yield* edges;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    for (const variant of variantsOf(member)) {
      yield Array.isArray(value) ? value.with(Number(name), variant) : { ...value, [name]: variant };
    }
  }
}

describe('the guards and the schemas', { timeout: propertyTimeoutMs }, () => {
  it('know the same types', () => {
    expect(full.map(({ type }) => type)).toEqual(Object.keys(acceptingPeerSchemas));
  });

  it.each(full)('[M6] give equal verdicts on $type with each of its fields at each edge', (frame) => {
    expectEqualVerdicts(JSON.stringify(frame));
    expect(guardAcceptingPeerFrame(JSON.stringify(frame)).kind).toBe('frame');
    for (const [name, member] of Object.entries(frame)) {
      if (name === 'type') continue;
      for (const variant of variantsOf(member)) expectEqualVerdicts(JSON.stringify({ ...frame, [name]: variant }));
    }
  });

  it('accept every valid frame alike', () => {
    const property = fc.property(acceptingPeerFrame, (frame) => {
      const text = JSON.stringify(frame);
      expect(decodeAcceptingPeerFrame(text)).toMatchObject({ kind: 'frame' });
      expectEqualVerdicts(text);
    });
    checkProperty(property, 500);
  });

  it('[M6] give equal verdicts on frames with members changed, missing and added', () => {
    checkProperty(fc.property(mutatedText(acceptingPeerFrame), expectEqualVerdicts), 2_000);
  });

  it('[M2] [M3] [M5] give equal verdicts on any text', () => {
    checkProperty(fc.property(anyText(acceptingPeerFrame), expectEqualVerdicts), 1_500);
  });
});
