import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { AuditLog, AuditRecord } from '../access/audit-log.ts';
import { tokenOf } from '../access/identity-of.ts';
import { can } from '../access/permissions.ts';
import type { AccessTokens, UserIdentity } from '../accounts/access-token.ts';
import { etagOf, isKnown } from '../http/etag.ts';
import { Problem } from '../http/problem.ts';
import type { OriginCheck } from '../http/same-origin.ts';
import { expectationOf } from './expectation.ts';
import type { Idempotency } from './idempotency.ts';
import { takesIdempotencyKey, type Route } from './route.ts';

/** Why an administrator of another organisation may not do what changes the pages of all. */
export const notOfFirstOrganisation =
  'this is of the whole server: administrators of its first organisation alone, `default`, manage it';

/** Most bodies of the REST surface are small: names, passwords, settings. */
const defaultMaxBodyBytes = 8192;

/** Longest path that an audit entry holds. */
const maxTargetLength = 500;

/** Checks the secret of the data folder on a request of this machine; throws a {@link Problem}. */
export type CheckLocal = (context: Context) => void;

/** What stands before the routes. */
export interface Guards {
  readonly accessTokens: Pick<AccessTokens, 'verify'>;
  readonly checkLocal: CheckLocal;
  readonly isOwnOrigin: OriginCheck;
  readonly audit: Pick<AuditLog, 'refused'>;
  readonly idempotency: Idempotency;
  /** Whether an identity is of the organisation that the server's own things are changed by. */
  readonly isOfFirstOrganisation: (identity: UserIdentity) => boolean;
}

/** Serves the routes of a table: the one place where their access is checked and their input is. */
export function mountRoutes(routes: readonly Route[], guards: Guards): Hono {
  const app = new Hono();
  for (const route of routes) {
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), limitOf(route), async (context) => {
      context.header('Cache-Control', 'no-store');
      // A cookie, and a password of Basic that a browser remembers, come with the requests of any page.
      if (!guards.isOwnOrigin((context.env as HttpBindings).incoming))
        throw new Problem(403, 'FORBIDDEN', 'a page of this origin may not call this server: see --trusted-proxies');
      const identity = await authenticate(route, context, guards);
      try {
        return await serve(route, context, identity, guards);
      } catch (error) {
        if (identity !== undefined && route.method !== 'GET' && error instanceof Problem && error.status === 403)
          await guards.audit.refused(refusalOf(context, identity, error), identity.userId);
        throw error;
      }
    });
  }
  return app;
}

async function serve(
  route: Route,
  context: Context,
  identity: UserIdentity | undefined,
  { idempotency, isOfFirstOrganisation }: Guards,
): Promise<Response> {
  authorize(route, identity, isOfFirstOrganisation);
  const query = check(route.query, context.req.query(), 'the query');
  const body = check(route.body, await bodyOf(route, context), 'the body');
  const params: Record<string, string> = context.req.param();
  // PostgreSQL holds no NUL, so nothing has such an id.
  if (Object.values(params).some((value) => value.includes('\0'))) return context.notFound();
  const handle = async (): Promise<unknown> => route.handle({ identity, params, query, body, context });
  const key = context.req.header('idempotency-key');
  const success = route.status === 201 || route.status === 202 ? route.status : 200;
  if (key === undefined && route.needsIdempotencyKey === true)
    throw new Problem(400, 'BAD_REQUEST', 'Idempotency-Key: expected 1 to 255 printable characters of ASCII, got none');
  if (identity !== undefined && key !== undefined && takesIdempotencyKey(route)) {
    if (!/^[\x21-\x7e]{1,255}$/.test(key))
      throw new Problem(400, 'BAD_REQUEST', 'Idempotency-Key: expected 1 to 255 printable characters of ASCII');
    const { orgId, userId } = identity;
    const { req } = context;
    const keyed = { orgId, userId, route: `${req.method} ${req.path}`, key, body };
    const result = await idempotency.run(keyed, handle, route.isReplayable);
    if (result.isReplayed) context.header('Idempotency-Replayed', 'true');
    return json(context, result.answer, success);
  }
  const answer = await handle();
  if (answer instanceof Response) return answer;
  if (answer === undefined) return context.body(null, 204);
  return json(context, answer, success);
}

/** Answers with JSON, or with 304 (RFC 9110 section 15.4.5) where the client has the same already. */
function json(context: Context, answer: unknown, status: 200 | 201 | 202): Response {
  const text = JSON.stringify(answer);
  if (context.req.method === 'GET') {
    const etag = etagOf(text);
    context.header('ETag', etag);
    if (isKnown(context.req.header('if-none-match'), etag)) return context.body(null, 304);
  }
  // With its length, a short answer is sent as it is: to compress it would make its tag a weak one.
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) };
  return context.body(text, status, headers);
}

/** What the audit log says of a change that somebody may not make. */
function refusalOf({ req }: Context, identity: UserIdentity, { message }: Problem): AuditRecord {
  const target = `${req.method} ${req.path}`.slice(0, maxTargetLength);
  return { orgId: identity.orgId, user: identity, action: 'access.refused', target, detail: { reason: message } };
}

function limitOf({ maxBodyBytes = defaultMaxBodyBytes }: Route): MiddlewareHandler {
  return bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => {
      throw new Problem(413, 'PAYLOAD_TOO_LARGE', `expected a body of at most ${String(maxBodyBytes)} bytes`);
    },
  });
}

async function authenticate(
  { access }: Route,
  context: Context,
  { accessTokens, checkLocal }: Guards,
): Promise<UserIdentity | undefined> {
  if (access === 'public') return undefined;
  if (access === 'local') {
    checkLocal(context);
    return undefined;
  }
  // The header alone: a token in a URL ends up in logs and histories.
  const token = tokenOf(context.req.header('authorization'));
  const verdict = await accessTokens.verify(token);
  if ('refused' in verdict) {
    const state = token === undefined ? 'missing' : verdict.refused;
    throw new Problem(401, 'UNAUTHENTICATED', `the access token is ${state}`);
  }
  return verdict.identity;
}

function authorize(
  route: Route,
  identity: UserIdentity | undefined,
  isOfFirstOrganisation: Guards['isOfFirstOrganisation'],
): void {
  const { access, isForSignIns } = route;
  // The route is public, or for programs of this machine.
  if (identity === undefined || access === 'public' || access === 'local') return;
  if (access !== 'signed-in' && !can(identity, access))
    throw new Problem(403, 'FORBIDDEN', `this needs the permission ${access}`);
  if (isForSignIns === true && identity.proof !== 'sign-in')
    throw new Problem(403, 'FORBIDDEN', 'a personal token cannot do this: sign in');
  if (route.isOfFirstOrganisation === true && !isOfFirstOrganisation(identity))
    throw new Problem(403, 'FORBIDDEN', notOfFirstOrganisation);
}

/** The body as JSON; what is none is null, which no schema takes, and an empty one is undefined, which some do. */
async function bodyOf({ body }: Route, context: Context): Promise<unknown> {
  if (body === undefined) return undefined;
  const text = await context.req.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function check(schema: z.ZodType | undefined, value: unknown, what: string): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value, { error: expectationOf });
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? `${what}: ${message}` : `${path.map(String).join('.')}: ${message}`,
  );
  throw new Problem(400, 'BAD_REQUEST', problems.join('; '));
}
