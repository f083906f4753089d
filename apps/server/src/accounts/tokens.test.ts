import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { accessTokenLifetimeMs, createAccessTokens } from './access-token.ts';
import { openAccountStore } from './account-store.ts';
import { createRefreshTokens, refreshLifetimeMs, reuseGraceMs, type Refreshed } from './refresh-tokens.ts';

async function setUp() {
  const time = { now: 1_800_000_000_000 };
  const now = () => time.now;
  const store = openAccountStore(mkdtempSync(join(tmpdir(), 'fleetwire-tokens-')), now);
  const user = await store.addUser({ username: 'admin', passwordHash: 'x' });
  return { time, store, user, access: createAccessTokens(store, now), refresh: createRefreshTokens(store, now) };
}

const refreshed = (result: Awaited<ReturnType<ReturnType<typeof createRefreshTokens>['exchange']>>): Refreshed => {
  if ('refused' in result) throw new Error('the token was refused');
  return result;
};

describe('an access token', () => {
  it('speaks for its user and organisation for ten minutes', async () => {
    const { time, store, user, access, refresh } = await setUp();
    const { sessionId } = await refresh.begin(user);
    const { accessToken, expiresAt } = await access.sign(user, sessionId);
    expect(expiresAt).toBe(time.now + accessTokenLifetimeMs);
    expect(await access.verify(accessToken)).toEqual({
      identity: {
        userId: user.id,
        orgId: store.organisation.id,
        username: 'admin',
        role: 'admin',
        jti: sessionId,
        expiresAt,
      },
    });
    time.now = expiresAt;
    expect(await access.verify(accessToken)).toEqual({ refused: 'expired' });
  });

  it('ends with its sign-in', async () => {
    const { user, access, refresh } = await setUp();
    const { sessionId, refreshToken } = await refresh.begin(user);
    const { accessToken } = await access.sign(user, sessionId);
    await refresh.end(refreshToken);
    expect(await access.verify(accessToken)).toEqual({ refused: 'invalid' });
  });

  it('is refused when another key signed it, when none did, and when it is none', async () => {
    const { store, user, access, refresh } = await setUp();
    const { sessionId } = await refresh.begin(user);
    const claims = {
      org: user.orgId,
      sid: sessionId,
      sub: user.id,
      jti: 'j',
      iss: 'fleetwire',
      aud: 'fleetwire',
      exp: 4e9,
    };
    const sign = (key: Uint8Array, typ = 'at+jwt') =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ }).sign(key);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    expect(await access.verify(await sign(store.signingKey.secret))).toHaveProperty('identity');
    expect(await access.verify(await sign(store.signingKey.secret, 'JWT'))).toEqual({ refused: 'invalid' });
    expect(await access.verify(await sign(new Uint8Array(32)))).toEqual({ refused: 'invalid' });
    expect(await access.verify(`${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`)).toEqual({
      refused: 'invalid',
    });
    expect(await access.verify('x')).toEqual({ refused: 'invalid' });
    expect(await access.verify(undefined)).toEqual({ refused: 'invalid' });
  });
});

describe('a refresh token', () => {
  it('is exchanged for the next one, again and again', async () => {
    const { time, user, refresh } = await setUp();
    let current = await refresh.begin(user);
    for (let round = 0; round < 100; round += 1) {
      time.now += 600_000;
      const next = refreshed(await refresh.exchange(current.refreshToken));
      expect(next.refreshToken).not.toBe(current.refreshToken);
      expect(next.sessionId).toBe(current.sessionId);
      current = next;
    }
  });

  it('may be used again within the grace, by the other tabs', async () => {
    const { time, user, refresh } = await setUp();
    const first = await refresh.begin(user);
    refreshed(await refresh.exchange(first.refreshToken));
    time.now += reuseGraceMs;
    const other = refreshed(await refresh.exchange(first.refreshToken));
    time.now += reuseGraceMs + 1;
    refreshed(await refresh.exchange(other.refreshToken));
  });

  it('that is used again after the grace ends the sign-in', async () => {
    const { time, user, refresh } = await setUp();
    const first = await refresh.begin(user);
    const second = refreshed(await refresh.exchange(first.refreshToken));
    time.now += reuseGraceMs + 1;
    expect(await refresh.exchange(first.refreshToken)).toEqual({
      refused: true,
      stolen: { user, sessionId: first.sessionId },
    });
    expect(await refresh.exchange(second.refreshToken)).toEqual({ refused: true });
  });

  it('expires a week after the last exchange', async () => {
    const { time, user, refresh } = await setUp();
    const first = await refresh.begin(user);
    time.now += refreshLifetimeMs;
    expect(await refresh.exchange(first.refreshToken)).toEqual({ refused: true });
  });

  it('is kept as a hash alone', async () => {
    const { user, store, refresh } = await setUp();
    const { refreshToken, sessionId } = await refresh.begin(user);
    expect(JSON.stringify(store.session(sessionId))).not.toContain(refreshToken.split('.')[1]);
  });
});
