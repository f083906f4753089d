import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import type { AccessTokens } from '../accounts/access-token.ts';
import type { AccountStore, User } from '../accounts/account-store.ts';
import { HasherBusyError, type PasswordHasher } from '../accounts/password.ts';
import { refreshLifetimeMs, type Refreshed, type RefreshTokens, type SignIn } from '../accounts/refresh-tokens.ts';
import { SignInLimits } from '../accounts/sign-in-limits.ts';
import type { ServerEvent } from '../live/events.ts';
import { plainAddress } from '../live/connections.ts';
import { Problem } from './problem.ts';
import { sameOriginOnly } from './same-origin.ts';

/** What the sign-in routes need. */
export interface AuthServices {
  readonly store: AccountStore;
  readonly hasher: PasswordHasher;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly record: (user: User, kind: ServerEvent['kind'], remoteAddress: string) => void;
  /** Ends the connections of a sign-in. */
  readonly endSession: (signIn: SignIn) => Promise<void>;
}

/** The cookie goes to the sign-in routes alone, so that no other route can be driven by it. */
const cookiePath = '/api/v1/auth';

// Not `min` and `max`: they look at the `length` of whatever came, which may be an object that cannot be compared.
const textUpTo = (max: number) => z.string().refine(({ length }) => length >= 1 && length <= max);
const credentialsSchema = z.object({ username: textUpTo(200), password: textUpTo(1024) });

/** `POST login`, `POST refresh`, `POST logout`, relative to `/api/v1/auth`. */
export function createAuthRoutes(services: AuthServices): Hono {
  const { store, hasher, accessTokens, refreshTokens } = services;
  const limits = new SignInLimits(() => performance.now());
  // A browser sends the cookies of a host to each of its ports: two servers on one machine must not take each other's.
  const cookie = { name: `fleetwire_refresh_${store.organisation.id.slice(0, 8)}`, path: cookiePath };

  async function signedIn(context: Context, { user, sessionId, refreshToken }: Refreshed): Promise<Response> {
    const token = await accessTokens.sign(user, sessionId);
    setCookie(context, cookie.name, refreshToken, {
      path: cookie.path,
      httpOnly: true,
      sameSite: 'Strict',
      // Behind a proxy that ends TLS, the page's origin is what tells.
      secure: [context.req.url, context.req.header('origin')].some((address) => address?.startsWith('https:') === true),
      maxAge: refreshLifetimeMs / 1000,
    });
    context.header('Cache-Control', 'no-store');
    return context.json({ ...token, user: { id: user.id, username: user.username, orgId: user.orgId } });
  }

  const routes = new Hono();
  routes.use(sameOriginOnly);
  routes.use(
    bodyLimit({
      maxSize: 8192,
      onError: () => {
        throw new Problem(413, 'PAYLOAD_TOO_LARGE', 'expected a body of at most 8192 bytes');
      },
    }),
  );

  routes.post('/login', async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined);
    const credentials = credentialsSchema.safeParse(body);
    if (!credentials.success)
      throw new Problem(400, 'BAD_REQUEST', 'expected {"username": string, "password": string}');
    const address = addressOf(context);
    const { username, password } = credentials.data;
    const waitMs = limits.take(username, address);
    if (waitMs > 0) throw new Problem(429, 'RATE_LIMITED', 'too many failed sign-ins', waitMs);
    const user = store.userByName(username);
    const right = await hasher.verify(password, user?.passwordHash).catch((error: unknown) => {
      limits.giveBack(username, address);
      if (error instanceof HasherBusyError) throw new Problem(503, 'UNAVAILABLE', error.message, 1000);
      throw error;
    });
    if (!right || user === undefined) {
      if (user !== undefined) services.record(user, 'sign-in-failed', address);
      throw new Problem(401, 'UNAUTHENTICATED', 'the user name or the password is wrong');
    }
    limits.succeeded(username, address);
    const session = await refreshTokens.begin(user);
    services.record(user, 'signed-in', address);
    return signedIn(context, session);
  });

  routes.post('/refresh', async (context) => {
    const token = getCookie(context, cookie.name);
    const result = await refreshTokens.exchange(token ?? '');
    if (!('refused' in result)) return signedIn(context, result);
    if (result.stolen !== undefined) await services.endSession(result.stolen);
    if (token !== undefined) deleteCookie(context, cookie.name, { path: cookie.path });
    throw new Problem(401, 'UNAUTHENTICATED', 'there is no sign-in to refresh');
  });

  routes.post('/logout', async (context) => {
    const ended = await refreshTokens.end(getCookie(context, cookie.name) ?? '');
    deleteCookie(context, cookie.name, { path: cookie.path });
    if (ended !== undefined) {
      services.record(ended.user, 'signed-out', addressOf(context));
      await services.endSession(ended);
    }
    return context.body(null, 204);
  });
  return routes;
}

function addressOf(context: Context): string {
  return plainAddress(getConnInfo(context).remote.address ?? '');
}
