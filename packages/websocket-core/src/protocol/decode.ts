import type { AcceptingPeerFrame, ConnectingPeerFrame } from './frames.ts';
import { parseMessage } from './parse-message.ts';
import { acceptingPeerSchemas, connectingPeerSchemas } from './schemas.ts';

/**
 * Result of decoding one text message.
 * `malformed`: not a frame at all, the connection closes with 1007. `unknown`: a type of a newer peer, answered with
 * UNKNOWN_TYPE. `invalid`: a known type with wrong fields, answered with BAD_FRAME or a BAD_REQUEST response.
 */
export type Decoded<F> =
  | { readonly kind: 'frame'; readonly frame: F }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly type: string; readonly id?: number | undefined }
  | { readonly kind: 'invalid'; readonly type: string; readonly id?: number | undefined; readonly reason: string };

interface FrameSchema {
  safeParse(
    raw: unknown,
  ): { success: true; data: unknown } | { success: false; error: { issues: readonly SchemaIssue[] } };
}
/** One complaint of a schema. */
export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Decodes a message of a connecting peer (what a server receives). Never throws. */
export function decodeConnectingPeerFrame(text: string): Decoded<ConnectingPeerFrame> {
  return decodeBy(connectingPeerSchemas, text) as Decoded<ConnectingPeerFrame>;
}

/**
 * Decodes a message of an accepting peer with the schemas. Clients use the smaller guards of `guards.ts`, which a test
 * holds equal to this one. Never throws.
 */
export function decodeAcceptingPeerFrame(text: string): Decoded<AcceptingPeerFrame> {
  return decodeBy(acceptingPeerSchemas, text) as Decoded<AcceptingPeerFrame>;
}

function decodeBy(schemas: Readonly<Record<string, FrameSchema>>, text: string): Decoded<unknown> {
  const parsed = parseMessage(text);
  if (!parsed.ok) return { kind: 'malformed', reason: parsed.reason };
  const { raw } = parsed;
  const id = typeof raw['id'] === 'number' && Number.isSafeInteger(raw['id']) && raw['id'] > 0 ? raw['id'] : undefined;
  const type = raw.type.slice(0, 64);
  if (!Object.hasOwn(schemas, raw.type)) return { kind: 'unknown', type, id };
  const result = (schemas[raw.type] as FrameSchema).safeParse(raw);
  if (result.success) return { kind: 'frame', frame: result.data };
  return { kind: 'invalid', type, id, reason: describeIssues(result.error.issues) };
}

/** First of the schema's complaints as `path: message`; the rest would only repeat it. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  const issue = issues[0];
  if (issue === undefined) return 'invalid';
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
