import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { addressBlockOf } from '@fleetwire/websocket-core/server';
import type { AuditLog, AuditRecord } from '../access/audit-log.ts';
import type { EndedAccess } from '../access/end-access.ts';
import { roles } from '../access/permissions.ts';
import type { Transact } from '../access/transact.ts';
import type { AccessTokens } from '../accounts/access-token.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { Member } from '../accounts/member.ts';
import { HasherBusyError, type PasswordHasher } from '../accounts/password.ts';
import { refreshLifetimeMs, type Refreshed, type SignIn } from '../accounts/refresh-tokens.ts';
import { SignInLimits } from '../accounts/sign-in-limits.ts';
import type { ClientOf } from '../http/client-of.ts';
import { Problem } from '../http/problem.ts';
import type { EventLog } from '../live/events.ts';
import { openRoute, textUpTo, type Route } from './route.ts';

/** What the sign-in routes need. */
export interface AuthServices {
  readonly store: AccountStore;
  readonly hasher: PasswordHasher;
  readonly accessTokens: AccessTokens;
  readonly transact: Transact;
  readonly audit: Pick<AuditLog, 'refused'>;
  readonly events: Pick<EventLog, 'record'>;
  readonly clientOf: ClientOf;
  /** Ends the connections of sign-ins that are over. */
  readonly accessEnded: (ended: readonly EndedAccess[]) => Promise<void>;
}

/** No other route reads the cookie, so that none can be driven by it. */
const authPath = '/api/v1/auth';

/** Cookies of one name that are looked at: other paths, domains and ports of the host may have set some. */
const maxCookies = 5;

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
  const { store, hasher, accessTokens, transact, audit, events, accessEnded } = services;
  const limits = new SignInLimits(() => performance.now());
  // A browser sends the cookies of a host to each of its ports: two servers on one machine must not take each other's.
  const cookieName = `fleetwire_refresh_${store.home.id.slice(0, 8)}`;
  const clientOf = (context: Context) => services.clientOf((context.env as HttpBindings).incoming);
  const addressOf = (context: Context) => clientOf(context).address;
  // By TLS, one that neither a page of plain HTTP nor another host of the domain can set (RFC 6265bis section 4.1.3.2):
  // whoever sets it chooses as whom the dashboard goes on. Plain HTTP has no such cookie.
  const cookieOf = (context: Context) =>
    clientOf(context).scheme === 'https'
      ? { name: `__Host-${cookieName}`, attributes: { path: '/', secure: true } }
      : { name: cookieName, attributes: { path: authPath, secure: false } };
  const tokensOf = (context: Context, name: string): readonly string[] =>
    (context.req.header('cookie') ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${name}=`))
      .slice(0, maxCookies)
      .map((pair) => pair.slice(name.length + 1));

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

  const tell = (
    { orgId, username }: Member,
    kind: 'signed-in' | 'sign-in-failed' | 'signed-out',
    remoteAddress: string,
  ): void => {
    events.record(orgId, { kind, username, remoteAddress });
  };

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
    if (member !== undefined) {
      tell(member, 'sign-in-failed', address);
      await audit.refused(entryOf(member, 'sign-in-failed', address), addressBlockOf(address));
    }
    throw wrongPassword();
  }

  return [
    openRoute({
      method: 'POST',
      path: `${authPath}/login`,
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
        const session = await transact(async (changes) => {
          const begun = await changes.refreshTokens.begin(member, passwordHash);
          if (begun !== undefined) await changes.audit.record(entryOf(member, 'signed-in', address));
          return begun;
        });
        // The password was changed while it waited to be checked.
        if (session === undefined) throw wrongPassword();
        tell(member, 'signed-in', address);
        await accessEnded(
          session.evicted.map(({ orgId, sessionId }) => ({ orgId, userId: member.id, jti: sessionId })),
        );
        return signedIn(context, session);
      },
    }),
    openRoute({
      method: 'POST',
      path: `${authPath}/refresh`,
      access: 'public',
      tag,
      summary: 'Exchanges the refresh cookie for the next one and a new access token.',
      response: signedInSchema,
      problems: { 401: 'There is no sign-in to refresh.', 429: 'The sign-in was refreshed too often.' },
      async handle({ context }) {
        const { name, attributes } = cookieOf(context);
        const tokens = tokensOf(context, name);
        for (const token of tokens) {
          const result = await transact(async (changes) => {
            const exchanged = await changes.refreshTokens.exchange(token);
            if ('stolen' in exchanged && exchanged.stolen !== undefined)
              await changes.audit.record(entryOf(exchanged.stolen.user, 'refresh-reused', addressOf(context)));
            return exchanged;
          });
          if ('refreshToken' in result) return signedIn(context, result);
          if ('retryAfterMs' in result)
            throw new Problem(429, 'RATE_LIMITED', 'this sign-in was refreshed too often', result.retryAfterMs);
          if (result.stolen !== undefined) await accessEnded([accessOf(result.stolen)]);
        }
        if (tokens.length > 0) deleteCookie(context, name, attributes);
        throw new Problem(401, 'UNAUTHENTICATED', 'there is no sign-in to refresh');
      },
    }),
    openRoute({
      method: 'POST',
      path: `${authPath}/logout`,
      access: 'public',
      tag,
      summary: 'Ends the sign-in of the refresh cookie, with its tokens and connections.',
      async handle({ context }) {
        const { name, attributes } = cookieOf(context);
        const address = addressOf(context);
        const ended = await transact(async (changes) => {
          const signIns: SignIn[] = [];
          for (const token of tokensOf(context, name)) {
            const signIn = await changes.refreshTokens.end(token);
            if (signIn === undefined) continue;
            signIns.push(signIn);
            await changes.audit.record(entryOf(signIn.user, 'signed-out', address));
          }
          return signIns;
        });
        deleteCookie(context, name, attributes);
        for (const { user } of ended) tell(user, 'signed-out', address);
        await accessEnded(ended.map(accessOf));
      },
    }),
  ];
}

/** What the audit log says of a sign-in. */
function entryOf(
  { id, orgId, username }: Member,
  kind: 'signed-in' | 'signed-out' | 'sign-in-failed' | 'refresh-reused',
  remoteAddress: string,
): AuditRecord {
  // Whoever failed to sign in, or took a refresh token, is not the user.
  const isUser = kind === 'signed-in' || kind === 'signed-out';
  const user = isUser ? { userId: id, username } : undefined;
  return { orgId, user, action: `auth.${kind}`, target: username, detail: { remoteAddress } };
}

function accessOf({ user, sessionId }: SignIn): EndedAccess {
  return { orgId: user.orgId, userId: user.id, jti: sessionId };
}

function wrongPassword(): Problem {
  return new Problem(401, 'UNAUTHENTICATED', 'the user name or the password is wrong');
}
