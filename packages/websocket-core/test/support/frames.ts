import fc, { type Arbitrary } from 'fast-check';
import { browserLimits } from '../../src/protocol/limits.ts';

// Keys, numbers and strings that hurt.
const hostileKey = fc.constantFrom('constructor', 'prototype', 'toString', 'type', 'id', '', 'length', 'value');
const key = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 6 }).filter((text) => text !== '__proto__') },
  { weight: 1, arbitrary: hostileKey },
);
const anyKey = fc.oneof({ weight: 9, arbitrary: key }, { weight: 1, arbitrary: fc.constant('__proto__') });
const hostileNumber = fc.constantFrom(
  0,
  -0,
  -1,
  1,
  1.5,
  2 ** 31,
  0xffff_ffff,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  1e308,
  -1e308,
  5e-324,
);
const hostileString = fc.constantFrom(
  '',
  '__proto__',
  '\u0000',
  '\ud800',
  'x'.repeat(200),
  'x'.repeat(201),
  'null',
  '0',
);
const leaf = fc.oneof(
  fc.constantFrom(null, true, false),
  hostileNumber,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  hostileString,
  fc.string({ maxLength: 10 }),
);

function jsonWith(keys: Arbitrary<string>): Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(keys, tie('value')), { maxLength: 3 }).map((members) => Object.fromEntries(members) as unknown),
    ),
  })).value;
}

/** Any JSON value that may stand in a frame, not deep. */
const jsonValue = jsonWith(key);
/** Any JSON value, `__proto__` keys included. */
export const anyJsonValue: Arbitrary<unknown> = jsonWith(anyKey);

const name = fc.oneof(fc.string({ minLength: 1, maxLength: 12 }), fc.constant('x'.repeat(200)));
const positiveInt = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const id = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 50 }) }, { weight: 1, arbitrary: positiveInt });
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const nonNegative = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
const text = fc.string({ maxLength: 20 });
const ext = fc.dictionary(fc.string({ maxLength: 5 }), jsonValue, { maxKeys: 3 });
const streamId = fc.integer({ min: 1, max: 0xffff_ffff });

type Members = Record<string, Arbitrary<unknown>>;

function frame(type: string, required: Members, optional: Members = {}): Arbitrary<object> {
  const members: Members = { type: fc.constant(type), ...required, ...optional };
  return fc.record(members, { requiredKeys: ['type', ...Object.keys(required)] });
}

const wireError = fc.record(
  { code: name, message: text, retryable: fc.boolean(), retryAfterMs: nonNegative, details: jsonValue },
  { requiredKeys: ['code', 'message', 'retryable'] },
);
const stateItem = fc.record({ key: text, version: number, value: jsonValue });
const stateDeletion = fc.record({ key: text, version: number });

const shared: readonly Arbitrary<object>[] = [
  frame('ping', { t: number }),
  frame('pong', { t: number }),
  frame('request', { id, method: name }, { params: jsonValue, idempotencyKey: name, traceparent: name }),
  frame('response', { id }, { result: jsonValue, error: wireError }),
  frame('cancel', { id }),
  frame('message', { name }, { data: jsonValue }),
  frame(
    'error',
    { code: name, message: text, retryable: fc.boolean() },
    {
      retryAfterMs: nonNegative,
      details: jsonValue,
      about: fc.record({ type: text, id: number }, { requiredKeys: [] }),
    },
  ),
  frame('stream.open', { id: streamId, kind: name }, { meta: jsonValue }),
  frame('stream.close', { id: streamId }, { code: name, reason: text }),
];

/** Valid frames of a connecting peer, `hello` among them. */
export const connectingPeerFrame: Arbitrary<object> = fc.oneof(
  ...shared,
  frame('hello', { protocol: positiveInt, peer: fc.record({ name, version: name }) }, { token: text, ext }),
);

/** Valid frames of an accepting peer, `welcome` among them. */
export const acceptingPeerFrame: Arbitrary<object> = fc.oneof(
  ...shared,
  frame(
    'welcome',
    {
      protocol: positiveInt,
      connectionId: name,
      heartbeatMs: fc.double({ min: 1, max: 1e9, noNaN: true }),
      limits: fc.constant(browserLimits),
      sentAt: number,
    },
    { tokenExpiresAt: number, ext },
  ),
  frame('snapshot', { ch: id, items: fc.array(stateItem, { maxLength: 4 }), more: fc.boolean() }, { position: name }),
  frame(
    'publication',
    { ch: id },
    {
      position: name,
      data: jsonValue,
      set: fc.array(stateItem, { maxLength: 3 }),
      del: fc.array(stateDeletion, { maxLength: 3 }),
    },
  ),
  frame('gap', { ch: id, dropped: positiveInt }),
  frame('unsubscribed', { ch: id, code: name, reason: text, retryable: fc.boolean() }),
  frame('goaway', { code: name, reason: text, retryAfterMs: nonNegative }),
);

interface Mutation {
  readonly path: readonly number[];
  readonly kind: 'replace' | 'delete' | 'add';
  readonly key: string;
  readonly value: unknown;
}

const mutation: Arbitrary<Mutation> = fc.record({
  path: fc.array(fc.nat(8), { minLength: 1, maxLength: 4 }),
  kind: fc.constantFrom('replace', 'replace', 'delete', 'add'),
  key: anyKey,
  value: anyJsonValue,
});

/** Walks into `target` by the numbers of `path` and changes a member there. */
function mutate(target: unknown, { path, kind, key: added, value }: Mutation): void {
  let place = target as Record<string, unknown>;
  for (const [step, index] of path.entries()) {
    const keys = Object.keys(place);
    const at = keys[index % Math.max(1, keys.length)];
    const next = at === undefined ? undefined : place[at];
    if (step < path.length - 1 && typeof next === 'object' && next !== null) {
      place = next as Record<string, unknown>;
      continue;
    }
    if (kind === 'add' || at === undefined) define(place, added, value);
    else if (kind === 'replace') define(place, at, value);
    else Reflect.deleteProperty(place, at);
    return;
  }
}

// Plain assignment to __proto__ would change the prototype instead of making the member that a peer can send.
function define(place: object, member: string, value: unknown): void {
  if (Array.isArray(place) && member === 'length') return;
  Object.defineProperty(place, member, { value, enumerable: true, configurable: true, writable: true });
}

/** Frames with one to three members replaced, taken away or added, as text. */
export function mutatedText(frames: Arbitrary<object>): Arbitrary<string> {
  return fc.tuple(frames, fc.array(mutation, { minLength: 1, maxLength: 3 })).map(([original, mutations]) => {
    const copy: unknown = JSON.parse(JSON.stringify(original));
    for (const change of mutations) mutate(copy, change);
    return JSON.stringify(copy);
  });
}

/** Valid frames as text with a few characters changed, cut off or doubled. */
export function damagedText(frames: Arbitrary<object>): Arbitrary<string> {
  const damage = fc.record({ at: fc.nat(400), length: fc.nat(5), insert: fc.string({ maxLength: 4 }) });
  return fc.tuple(frames, fc.array(damage, { minLength: 1, maxLength: 3 })).map(([original, damages]) => {
    let out = JSON.stringify(original);
    for (const { at, length, insert } of damages) {
      const from = at % (out.length + 1);
      out = out.slice(0, from) + insert + out.slice(from + length);
    }
    return out;
  });
}

const types = [
  'welcome',
  'hello',
  'ping',
  'request',
  'response',
  'snapshot',
  'publication',
  'stream.open',
  'stream.accept',
  '',
  'constructor',
];

/** Anything that may stand in a text message: valid, mutated and damaged frames, odd objects, other JSON and no JSON. */
export function anyText(frames: Arbitrary<object>): Arbitrary<string> {
  const typed = fc.tuple(fc.constantFrom(...types), ext).map(([type, members]) => JSON.stringify({ ...members, type }));
  return fc.oneof(
    { weight: 4, arbitrary: frames.map((valid) => JSON.stringify(valid)) },
    { weight: 6, arbitrary: mutatedText(frames) },
    { weight: 2, arbitrary: damagedText(frames) },
    { weight: 2, arbitrary: typed },
    { weight: 1, arbitrary: anyJsonValue.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  );
}
