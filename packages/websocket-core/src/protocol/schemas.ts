import * as z from 'zod/mini';

/**
 * Schemas of every frame. Unknown keys are dropped, so that a newer peer may add some.
 * Bounds on names keep logs and indexes small; they are part of PROTOCOL.md.
 */

/** Longest method, message and channel names, and other short strings, in UTF-16 code units. */
export const maxNameLength = 200;
export const maxChannelLength = 512;
/** Longest canonical form of a subscription's parameters: they are kept as the key of a feed. */
export const maxParamsLength = 4_096;
export const maxTokenLength = 16_384;

/**
 * A text of `min` to `max` UTF-16 code units. Not zod's own length checks: those count code points, and they also look
 * at what is no string, where a peer's `{"length": {"toString": ""}}` makes the comparison throw.
 */
function text(min: number, max: number) {
  const expected = `expected ${String(min)} to ${String(max)} characters`;
  return z.string().check(z.refine((value: string) => value.length >= min && value.length <= max, expected));
}

const name = text(1, maxNameLength);
const channel = text(1, maxChannelLength);
const positiveInt = z.int().check(z.positive());
const count = z.int().check(z.nonnegative());
const position = text(1, maxNameLength);
const ext = z.optional(z.record(z.string(), z.unknown()));

const wireError = {
  code: name,
  message: z.string(),
  retryable: z.boolean(),
  retryAfterMs: z.optional(z.number().check(z.nonnegative())),
  details: z.optional(z.unknown()),
};

export const wireErrorSchema = z.object(wireError);

export const helloSchema = z.object({
  type: z.literal('hello'),
  protocol: positiveInt,
  token: z.optional(text(0, maxTokenLength)),
  peer: z.object({ name, version: name }),
  ext,
});

const limitsSchema = z.object({
  maxPayloadBytes: positiveInt,
  textFramesPerSecond: z.number().check(z.positive()),
  textFrameBurst: positiveInt,
  maxSubscribeItems: positiveInt,
  maxSubscriptions: count,
  maxPendingRequests: positiveInt,
  maxStreams: count,
  streamCreditBytes: count,
  maxStreamCreditBytes: count,
});

export const welcomeSchema = z.object({
  type: z.literal('welcome'),
  protocol: positiveInt,
  connectionId: name,
  heartbeatMs: z.number().check(z.positive()),
  limits: limitsSchema,
  sentAt: z.number(),
  tokenExpiresAt: z.optional(z.number()),
  ext,
});

export const pingSchema = z.object({ type: z.literal('ping'), t: z.number() });
export const pongSchema = z.object({ type: z.literal('pong'), t: z.number() });

export const requestSchema = z.object({
  type: z.literal('request'),
  id: positiveInt,
  method: name,
  params: z.optional(z.unknown()),
  idempotencyKey: z.optional(name),
  traceparent: z.optional(name),
});

export const responseSchema = z.object({
  type: z.literal('response'),
  id: positiveInt,
  result: z.optional(z.unknown()),
  error: z.optional(wireErrorSchema),
});

export const cancelSchema = z.object({ type: z.literal('cancel'), id: positiveInt });
export const messageSchema = z.object({ type: z.literal('message'), name, data: z.optional(z.unknown()) });

export const errorSchema = z.object({
  type: z.literal('error'),
  ...wireError,
  about: z.optional(z.object({ type: z.optional(z.string()), id: z.optional(z.number()) })),
});

const stateItem = z.object({ key: z.string(), version: z.number(), value: z.unknown() });
const stateDeletion = z.object({ key: z.string(), version: z.number() });

export const snapshotSchema = z.object({
  type: z.literal('snapshot'),
  ch: positiveInt,
  items: z.array(stateItem),
  more: z.boolean(),
  position: z.optional(position),
});

export const publicationSchema = z.object({
  type: z.literal('publication'),
  ch: positiveInt,
  position: z.optional(position),
  data: z.optional(z.unknown()),
  set: z.optional(z.array(stateItem)),
  del: z.optional(z.array(stateDeletion)),
});

export const gapSchema = z.object({ type: z.literal('gap'), ch: positiveInt, dropped: positiveInt });

export const unsubscribedSchema = z.object({
  type: z.literal('unsubscribed'),
  ch: positiveInt,
  code: name,
  reason: z.string(),
  retryable: z.boolean(),
});

export const goawaySchema = z.object({
  type: z.literal('goaway'),
  code: name,
  reason: z.string(),
  retryAfterMs: z.number().check(z.nonnegative()),
});

const streamId = z.int().check(z.positive(), z.maximum(0xffff_ffff));

export const streamOpenSchema = z.object({
  type: z.literal('stream.open'),
  id: streamId,
  kind: name,
  meta: z.optional(z.unknown()),
});
export const streamCloseSchema = z.object({
  type: z.literal('stream.close'),
  id: streamId,
  code: z.optional(name),
  reason: z.optional(z.string()),
});

/** What a connecting peer may send, by type. */
export const connectingPeerSchemas = {
  hello: helloSchema,
  ping: pingSchema,
  pong: pongSchema,
  request: requestSchema,
  response: responseSchema,
  cancel: cancelSchema,
  message: messageSchema,
  error: errorSchema,
  'stream.open': streamOpenSchema,
  'stream.close': streamCloseSchema,
} as const;

/** What an accepting peer may send, by type. */
export const acceptingPeerSchemas = {
  welcome: welcomeSchema,
  ping: pingSchema,
  pong: pongSchema,
  request: requestSchema,
  response: responseSchema,
  cancel: cancelSchema,
  message: messageSchema,
  error: errorSchema,
  snapshot: snapshotSchema,
  publication: publicationSchema,
  gap: gapSchema,
  unsubscribed: unsubscribedSchema,
  goaway: goawaySchema,
  'stream.open': streamOpenSchema,
  'stream.close': streamCloseSchema,
} as const;

/** Parameters of the protocol's own methods. */
export const subscribeItemSchema = z.object({
  channel,
  params: z.optional(z.record(z.string(), z.unknown())),
  since: z.optional(position),
});
export const subscribeParamsSchema = z.object({
  items: z.array(z.unknown()).check(z.refine((items: unknown[]) => items.length > 0, 'expected at least one item')),
});
export const unsubscribeParamsSchema = z.object({ ch: positiveInt });
export const refreshParamsSchema = z.object({ token: text(1, maxTokenLength) });
