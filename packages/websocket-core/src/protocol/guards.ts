import type { Decoded } from './decode.ts';
import type { AcceptingPeerFrame } from './frames.ts';
import { parseMessage, type RawFrame } from './parse-message.ts';

/**
 * Hand-written checks of the frames that a client receives: the same verdicts as the schemas (a property test holds
 * them equal) at a tenth of their size in a browser's bundle.
 */

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isPositive: Check = (value) => isNumber(value) && (value as number) > 0;
const isNonNegative: Check = (value) => isNumber(value) && (value as number) >= 0;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPositiveInt: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isStreamId: Check = (value) => isPositiveInt(value) && (value as number) <= 0xffff_ffff;
const isString: Check = (value) => typeof value === 'string';
const isName: Check = (value) => typeof value === 'string' && value.length > 0 && value.length <= 200;
const isBoolean: Check = (value) => typeof value === 'boolean';
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isAnything: Check = () => true;

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const arrayOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape = (fields: Readonly<Record<string, Check>>): Check => {
  const entries = Object.entries(fields);
  return (value) => isObject(value) && entries.every(([key, check]) => check((value as RawFrame)[key]));
};

const wireError = { code: isName, message: isString, retryable: isBoolean, retryAfterMs: optional(isNonNegative) };
const stateItem = shape({ key: isString, version: isNumber, value: (value) => value !== undefined });
const stateDeletion = shape({ key: isString, version: isNumber });
const pingPong = shape({ t: isNumber });

const guards: Readonly<Record<string, Check>> = {
  welcome: shape({
    protocol: isPositiveInt,
    connectionId: isName,
    heartbeatMs: isPositive,
    limits: shape({
      maxPayloadBytes: isPositiveInt,
      textFramesPerSecond: isPositive,
      textFrameBurst: isPositiveInt,
      maxSubscribeItems: isPositiveInt,
      maxSubscriptions: isCount,
      maxPendingRequests: isPositiveInt,
      maxStreams: isCount,
      streamCreditBytes: isCount,
      maxStreamCreditBytes: isCount,
    }),
    sentAt: isNumber,
    tokenExpiresAt: optional(isNumber),
    ext: optional(isObject),
  }),
  ping: pingPong,
  pong: pingPong,
  request: shape({
    id: isPositiveInt,
    method: isName,
    idempotencyKey: optional(isName),
    traceparent: optional(isName),
  }),
  response: shape({ id: isPositiveInt, error: optional(shape(wireError)) }),
  cancel: shape({ id: isPositiveInt }),
  message: shape({ name: isName, data: isAnything }),
  error: shape({ ...wireError, about: optional(shape({ type: optional(isString), id: optional(isNumber) })) }),
  snapshot: shape({ ch: isPositiveInt, items: arrayOf(stateItem), more: isBoolean, position: optional(isName) }),
  publication: shape({
    ch: isPositiveInt,
    position: optional(isName),
    set: optional(arrayOf(stateItem)),
    del: optional(arrayOf(stateDeletion)),
  }),
  gap: shape({ ch: isPositiveInt, dropped: isPositiveInt }),
  unsubscribed: shape({ ch: isPositiveInt, code: isName, reason: isString, retryable: isBoolean }),
  goaway: shape({ code: isName, reason: isString, retryAfterMs: isNonNegative }),
  'stream.open': shape({ id: isStreamId, kind: isName }),
  'stream.close': shape({ id: isStreamId, code: optional(isName), reason: optional(isString) }),
};

/** Decodes a message of an accepting peer (what a client receives). Never throws. */
export function guardAcceptingPeerFrame(text: string): Decoded<AcceptingPeerFrame> {
  const parsed = parseMessage(text);
  if (!parsed.ok) return { kind: 'malformed', reason: parsed.reason };
  const { raw } = parsed;
  const type = raw.type.slice(0, 64);
  const id = isPositiveInt(raw['id']) ? (raw['id'] as number) : undefined;
  const guard = Object.hasOwn(guards, raw.type) ? guards[raw.type] : undefined;
  if (guard === undefined) return { kind: 'unknown', type, id };
  if (!guard(raw)) return { kind: 'invalid', type, id, reason: `a ${type} frame has missing or wrong fields` };
  return { kind: 'frame', frame: raw as unknown as AcceptingPeerFrame };
}
