import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { roles } from '../access/permissions.ts';
import type { AccessTokens } from '../accounts/access-token.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { Member } from '../accounts/member.ts';
import { HasherBusyError, type PasswordHasher } from '../accounts/password.ts';
import { refreshLifetimeMs, type EndedSignIn, type Refreshed, type RefreshTokens } from '../accounts/refresh-tokens.ts';
import { SignInLimits } from '../accounts/sign-in-limits.ts';
import type { ClientOf } from '../http/client-of.ts';
import { Problem } from '../http/problem.ts';
import type { ServerEvent } from '../live/events.ts';
import { openRoute, textUpTo, type Route } from './route.ts';

/** What the sign-in routes need. */
export interface AuthServices {
  readonly store: AccountStore;
  readonly hasher: PasswordHasher;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly clientOf: ClientOf;
  readonly record: (
    user: Member,
    kind: Exclude<ServerEvent['kind'], 'connected' | 'disconnected'> | 'refresh-reused',
    remoteAddress: string,
  ) => Promise<void>;
  /** Ends the connections of a sign-in. */
  readonly endSession: (userId: string, signIn: EndedSignIn) => Promise<void>;
}

/** The cookie goes to the sign-in routes alone, so that no other route can be driven by it. */
const cookiePath = '/api/v1/auth';

const tag = 'Sign-in';

const credentialsSchema = z.object({
  username: textUpTo(200),
  password: textUpTo(1024),
  organisation: textUpTo(200)
    .optional()
    .describe('Name of the organisation to sign in to. Default: the one that the user joined first.'),
});

const signedInSchema = z.object({
  accessToken: z.string(),
  expiresAt: z.number().describe('Milliseconds since 1970.'),
  user: z.object({ id: z.string(), username: z.string(), orgId: z.string(), role: z.enum(roles) }),
});

/** `POST login`, `POST refresh`, `POST logout` under `/api/v1/auth`. */
export function createAuthRoutes(services: AuthServices): Route[] {
  const { store, hasher, accessTokens, refreshTokens } = services;
  const limits = new SignInLimits(() => performance.now());
  // A browser sends the cookies of a host to each of its ports: two servers on one machine must not take each other's.
  const cookieName = `fleetwire_refresh_${store.home.id.slice(0, 8)}`;
  // By two names, since a page that came by plain HTTP cannot write over a cookie of one that came by TLS (RFC 6265bis).
  const clientOf = (context: Context) => services.clientOf((context.env as HttpBindings).incoming);
  const addressOf = (context: Context) => clientOf(context).address;
  const cookieOf = (context: Context) =>
    clientOf(context).scheme === 'https'
      ? { name: `__Secure-${cookieName}`, attributes: { path: cookiePath, secure: true } }
      : { name: cookieName, attributes: { path: cookiePath, secure: false } };

  async function signedIn(context: Context, { user, sessionId, refreshToken }: Refreshed) {
    const token = await accessTokens.sign(user, sessionId);
    const { name, attributes } = cookieOf(context);
    setCookie(context, name, refreshToken, {
      ...attributes,
      httpOnly: true,
      sameSite: 'Strict',
      maxAge: refreshLifetimeMs / 1000,
    });
    const { id, username, orgId, role } = user;
    return { ...token, user: { id, username, orgId, role } };
  }

  /** The user whose password it is; the member in the organisation that is asked for. */
  async function authenticate(
    given: z.output<typeof credentialsSchema>,
    address: string,
  ): Promise<{ readonly member: Member; readonly passwordHash: string }> {
    const { username, password, organisation } = given;
    const credentials = await store.credentials(username);
    const right = await hasher.verify(password, credentials?.passwordHash, limits.isStranger(username, address));
    const member = await store.memberToSignIn(credentials?.userId, organisation);
    if (right && member !== undefined && credentials !== undefined)
      return { member, passwordHash: credentials.passwordHash };
    if (member !== undefined) await services.record(member, 'sign-in-failed', address);
    throw wrongPassword();
  }

  return [
    openRoute({
      method: 'POST',
      path: `${cookiePath}/login`,
      access: 'public',
      tag,
      summary: 'Signs in: gives an access token for ten minutes, and the refresh cookie.',
      body: credentialsSchema,
      response: signedInSchema,
      problems: {
        401: 'The user name or the password is wrong.',
        429: 'Too many failed sign-ins.',
        503: 'Too many passwords wait to be checked.',
      },
      async handle({ body, context }) {
        const address = addressOf(context);
        const waitMs = limits.take(body.username, address);
        if (waitMs > 0) throw new Problem(429, 'RATE_LIMITED', 'too many failed sign-ins', waitMs);
        const { member, passwordHash } = await authenticate(body, address).catch((error: unknown) => {
          // What the server failed to check is no guess; but whoever fills its line pays for that.
          if (!(error instanceof Problem || error instanceof HasherBusyError)) limits.giveBack(body.username, address);
          throw error;
        });
        limits.succeeded(body.username, address);
        const session = await refreshTokens.begin(member, passwordHash);
        // The password was changed while it waited to be checked.
        if (session === undefined) throw wrongPassword();
        for (const evicted of session.evicted) await services.endSession(member.id, evicted);
        await services.record(member, 'signed-in', address);
        return signedIn(context, session);
      },
    }),
    openRoute({
      method: 'POST',
      path: `${cookiePath}/refresh`,
      access: 'public',
      tag,
      summary: 'Exchanges the refresh cookie for the next one and a new access token.',
      response: signedInSchema,
      problems: { 401: 'There is no sign-in to refresh.', 429: 'The sign-in was refreshed too often.' },
      async handle({ context }) {
        const { name, attributes } = cookieOf(context);
        const token = getCookie(context, name);
        const result = await refreshTokens.exchange(token ?? '');
        if ('refreshToken' in result) return signedIn(context, result);
        if ('retryAfterMs' in result)
          throw new Problem(429, 'RATE_LIMITED', 'this sign-in was refreshed too often', result.retryAfterMs);
        if (result.stolen !== undefined) {
          const { user, sessionId } = result.stolen;
          await services.endSession(user.id, { sessionId, orgId: user.orgId });
          await services.record(user, 'refresh-reused', addressOf(context));
        }
        if (token !== undefined) deleteCookie(context, name, attributes);
        throw new Problem(401, 'UNAUTHENTICATED', 'there is no sign-in to refresh');
      },
    }),
    openRoute({
      method: 'POST',
      path: `${cookiePath}/logout`,
      access: 'public',
      tag,
      summary: 'Ends the sign-in of the refresh cookie, with its tokens and connections.',
      async handle({ context }) {
        const { name, attributes } = cookieOf(context);
        const ended = await refreshTokens.end(getCookie(context, name) ?? '');
        deleteCookie(context, name, attributes);
        if (ended === undefined) return;
        await services.record(ended.user, 'signed-out', addressOf(context));
        await services.endSession(ended.user.id, { sessionId: ended.sessionId, orgId: ended.user.orgId });
      },
    }),
  ];
}

function wrongPassword(): Problem {
  return new Problem(401, 'UNAUTHENTICATED', 'the user name or the password is wrong');
}
