import type { Connection } from './connection.ts';
import type { HelloFrame } from '../protocol/frames.ts';
import { FleetwireError } from '../core/errors.ts';
import type { Credentials } from './credentials.ts';
import type { AuthenticationResult, Identity } from './types.ts';

const closeCodeOf = { expired: 4401, invalid: 4501, forbidden: 4503 } as const;

/** Checks the token of a `hello` (or of the upgrade, when `hello` has none) and opens or refuses the connection. */
export async function authenticateHello(connection: Connection, hello: HelloFrame): Promise<void> {
  const carried = connection.takeCredentials();
  const credentials: Credentials = hello.token === undefined ? carried : { token: hello.token, source: 'hello' };
  const startedAt = connection.context.clock.now();
  const result = await check(connection, credentials, hello.ext, startedAt);
  if (result === undefined) {
    connection.context.metrics.connected('failed');
    connection.refused(1011, 'authentication failed on the server');
  } else if ('refused' in result) {
    connection.context.metrics.connected(result.refused);
    connection.refused(closeCodeOf[result.refused], result.reason ?? `token ${result.refused}`);
  } else {
    connection.authenticationStartedAt = startedAt;
    connection.authenticated(result.identity, result.welcomeExt);
  }
}

/**
 * Takes a fresh token on a live connection. Another user or organisation, or an invalid token, ends the connection;
 * the subscriptions are authorised again.
 */
export async function refreshToken(connection: Connection, token: string): Promise<void> {
  const before = connection.identity;
  const startedAt = connection.context.clock.now();
  const result = await inTime(connection, check(connection, { token, source: 'hello' }, undefined, startedAt));
  if (result === undefined) throw new FleetwireError('UNAVAILABLE', 'the token could not be checked');
  if ('refused' in result) {
    const reason = result.reason ?? `token ${result.refused}`;
    if (result.refused !== 'expired') connection.refused(closeCodeOf[result.refused], reason);
    throw new FleetwireError('UNAUTHENTICATED', reason);
  }
  if (result.identity.userId !== before.userId || result.identity.orgId !== before.orgId) {
    connection.refused(4501, 'expected a token of the same user and organisation');
    throw new FleetwireError('UNAUTHENTICATED', 'expected a token of the same user and organisation');
  }
  connection.authenticationStartedAt = startedAt;
  connection.authenticated(result.identity);
  await connection.subscriptions.authorizeAgain();
}

/**
 * The same verdict, or undefined when it does not come within the time that a `hello` has: revocations that came
 * meanwhile are remembered only so long.
 */
function inTime<T>(connection: Connection, verdict: Promise<T>): Promise<T | undefined> {
  const { clock, timings, logger } = connection.context;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      logger.error({ connectionId: connection.id }, 'a token was not checked in time');
      resolve(undefined);
    }, timings.helloTimeoutMs);
    verdict.then(resolve, reject).finally(() => {
      clock.clearTimeout(timer);
    });
  });
}

async function check(
  connection: Connection,
  { token, source: tokenSource }: Credentials,
  ext: Readonly<Record<string, unknown>> | undefined,
  startedAt: number,
): Promise<AuthenticationResult<Identity> | undefined> {
  const { authenticate, clock, isRevoked, logger } = connection.context;
  const startedAtMs = clock.monotonicNow();
  try {
    const result = await authenticate({
      token,
      tokenSource,
      peer: connection.peer,
      ext,
      path: connection.path,
      remoteAddress: connection.remoteAddress,
      signal: connection.signal,
    });
    // The verdict may be older than a revocation that came while it was made.
    if ('identity' in result && isRevoked(result.identity, startedAtMs, startedAt)) {
      return { refused: 'invalid', reason: 'the token was revoked' };
    }
    return result;
  } catch (error) {
    logger.error({ connectionId: connection.id, err: error }, 'authenticate failed');
    return undefined;
  }
}
