import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createLiveRoles } from '../access/live-roles.ts';
import { openTestDatabase, testDatabases, type TestDatabases } from '../testing/databases.ts';
import { accessTokenLifetimeMs, createAccessTokens } from './access-token.ts';
import { openAccountStore } from './account-store.ts';
import type { Member } from './member.ts';
import { createPersonalTokens, maxPersonalTokens } from './personal-tokens.ts';
import {
  createRefreshTokens,
  maxExchanges,
  maxSessions,
  refreshLifetimeMs,
  reuseGraceMs,
  type Refreshed,
} from './refresh-tokens.ts';
import { createSigningKeys, signingKeyLifetimeMs } from './signing-keys.ts';

async function setUp(databases: TestDatabases) {
  const time = { now: 1_800_000_000_000 };
  const now = () => time.now;
  const database = await openTestDatabase(databases);
  const store = await openAccountStore(database, now);
  const user = await store.addMember(store.home.id, { username: 'admin', passwordHash: 'x', role: 'admin' });
  const failures: unknown[] = [];
  const personalTokens = createPersonalTokens(database, now, (error) => failures.push(error));
  const liveRoles = createLiveRoles();
  const newAccess = () => {
    const keys = createSigningKeys(database, now, accessTokenLifetimeMs);
    return { keys, access: createAccessTokens({ database, keys, personalTokens, liveRoles, now }) };
  };
  return {
    time,
    database,
    store,
    user,
    personalTokens,
    liveRoles,
    newAccess,
    failures,
    ...newAccess(),
    refresh: createRefreshTokens(database, now),
  };
}

/** A sign-in of a user of these tests. */
const begin = async (refresh: ReturnType<typeof createRefreshTokens>, user: Member) => {
  const session = await refresh.begin(user, 'x');
  if (session === undefined) throw new Error('the sign-in was refused');
  return session;
};

const refreshed = (result: Awaited<ReturnType<ReturnType<typeof createRefreshTokens>['exchange']>>): Refreshed => {
  if (!('refreshToken' in result)) throw new Error('the token was refused');
  return result;
};

describe.each(testDatabases)('on $name', (databases) => {
  const test = it.skipIf(!databases.isPresent);

  describe('an access token', () => {
    test('speaks for its user, organisation and role for ten minutes', async () => {
      const { time, store, user, access, refresh } = await setUp(databases);
      const { sessionId } = await begin(refresh, user);
      const { accessToken, expiresAt } = await access.sign(user, sessionId);
      expect(expiresAt).toBe(time.now + accessTokenLifetimeMs);
      expect(await access.verify(accessToken)).toEqual({
        identity: {
          userId: user.id,
          orgId: store.home.id,
          username: 'admin',
          role: 'admin',
          proof: 'sign-in',
          jti: sessionId,
          expiresAt,
        },
      });
      time.now = expiresAt;
      expect(await access.verify(accessToken)).toEqual({ refused: 'expired' });
    });

    test('shows a new role in identities that were given before', async () => {
      const { store, user, access, refresh, liveRoles } = await setUp(databases);
      await store.addMember(store.home.id, { username: 'other', passwordHash: 'x', role: 'admin' });
      const { sessionId } = await begin(refresh, user);
      const verdict = await access.verify((await access.sign(user, sessionId)).accessToken);
      await store.setRole(user.orgId, user.id, 'viewer');
      liveRoles.change(user.orgId, user.id, 'viewer');
      expect(verdict).toMatchObject({ identity: { role: 'viewer' } });
    });

    test('ends with its sign-in, and with the membership', async () => {
      const { store, user, access, refresh } = await setUp(databases);
      const { sessionId, refreshToken } = await begin(refresh, user);
      const { accessToken } = await access.sign(user, sessionId);
      await refresh.end(refreshToken);
      expect(await access.verify(accessToken)).toEqual({ refused: 'invalid' });
      const member = await store.addMember(store.home.id, { username: 'other', passwordHash: 'x', role: 'viewer' });
      const theirs = await access.sign(member, (await begin(refresh, member)).sessionId);
      expect(await access.verify(theirs.accessToken)).toHaveProperty('identity');
      await store.removeMember(store.home.id, member.id);
      expect(await access.verify(theirs.accessToken)).toEqual({ refused: 'invalid' });
    });

    test('is refused when another key signed it, when none did, and when it is none', async () => {
      const { user, access, keys, refresh } = await setUp(databases);
      const { sessionId } = await begin(refresh, user);
      const claims = {
        org: user.orgId,
        sid: sessionId,
        sub: user.id,
        jti: 'j',
        iss: 'fleetwire',
        aud: 'fleetwire',
        exp: 4e9,
      };
      const { id: kid, secret } = await keys.current();
      const sign = (key: Uint8Array, typ = 'at+jwt', named: string | undefined = kid) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', typ, ...(named === undefined ? {} : { kid: named }) })
          .sign(key);
      const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
      expect(await access.verify(await sign(secret))).toHaveProperty('identity');
      expect(await access.verify(await sign(secret, 'JWT'))).toEqual({ refused: 'invalid' });
      expect(await access.verify(await sign(secret, 'at+jwt', 'other'))).toEqual({ refused: 'invalid' });
      expect(await access.verify(await sign(new Uint8Array(32)))).toEqual({ refused: 'invalid' });
      expect(await access.verify(`${encode({ alg: 'none', typ: 'at+jwt', kid })}.${encode(claims)}.`)).toEqual({
        refused: 'invalid',
      });
      for (const token of ['x', '', 'a.b.c', 'fwt_', undefined])
        expect(await access.verify(token)).toEqual({ refused: 'invalid' });
    });
  });

  describe('the signing key', () => {
    test('is another one after 30 days, while tokens of the old one hold until they expire', async () => {
      const { time, database, user, access, keys, refresh, newAccess } = await setUp(databases);
      const first = await keys.current();
      time.now += signingKeyLifetimeMs - 1;
      expect((await keys.current()).id).toBe(first.id);
      const { sessionId } = await begin(refresh, user);
      const { accessToken } = await access.sign(user, sessionId);
      time.now += 1;
      const [second, again] = await Promise.all([keys.current(), keys.current()]);
      expect([second.id === first.id, again.id]).toEqual([false, second.id]);
      expect(await access.verify(accessToken)).toHaveProperty('identity');
      // Another replica, and a start afterwards, know both.
      expect(await newAccess().access.verify(accessToken)).toHaveProperty('identity');
      expect((await newAccess().keys.current()).id).toBe(second.id);
      // Whoever has found the old one out makes no tokens with it.
      time.now += accessTokenLifetimeMs - 1;
      expect(await keys.find(first.id)).toBeDefined();
      time.now += 1;
      expect(await keys.find(first.id)).toBeUndefined();
      time.now += signingKeyLifetimeMs;
      await keys.current();
      const kept = await database.selectFrom('signing_keys').select('id').execute();
      expect(kept).toHaveLength(2);
      expect(kept.map(({ id }) => id)).not.toContain(first.id);
    });
  });

  describe('a refresh token', () => {
    test('is exchanged for the next one, again and again', async () => {
      const { time, user, refresh } = await setUp(databases);
      let current: Refreshed = await begin(refresh, user);
      for (let round = 0; round < 60; round += 1) {
        time.now += 600_000;
        const next = refreshed(await refresh.exchange(current.refreshToken));
        expect(next.refreshToken).not.toBe(current.refreshToken);
        expect(next.sessionId).toBe(current.sessionId);
        current = next;
      }
    });

    test('may be used again within the grace, by the other tabs, also at once', async () => {
      const { time, user, refresh } = await setUp(databases);
      const first = await begin(refresh, user);
      const tabs = await Promise.all(Array.from({ length: 5 }, () => refresh.exchange(first.refreshToken)));
      for (const tab of tabs) refreshed(tab);
      time.now += reuseGraceMs;
      const other = refreshed(await refresh.exchange(first.refreshToken));
      time.now += reuseGraceMs + 1;
      refreshed(await refresh.exchange(other.refreshToken));
    });

    test('that is used again after the grace ends the sign-in', async () => {
      const { time, user, refresh } = await setUp(databases);
      const first = await begin(refresh, user);
      const second = refreshed(await refresh.exchange(first.refreshToken));
      time.now += reuseGraceMs + 1;
      expect(await refresh.exchange(first.refreshToken)).toEqual({
        refused: true,
        stolen: { user, sessionId: first.sessionId },
      });
      expect(await refresh.exchange(second.refreshToken)).toEqual({ refused: true });
    });

    test('that was exchanged so often by a thief that it is not remembered ends the sign-in all the same', async () => {
      const { time, user, refresh } = await setUp(databases);
      const first = await begin(refresh, user);
      let theirs = first.refreshToken;
      for (let round = 0; round < 60; round += 1) {
        time.now += 1_000;
        theirs = refreshed(await refresh.exchange(theirs)).refreshToken;
      }
      const stolen = { user, sessionId: first.sessionId };
      expect(await refresh.exchange(first.refreshToken)).toEqual({ refused: true, stolen });
      expect(await refresh.exchange(theirs)).toEqual({ refused: true });
    });

    test('cannot be made up from an access token, to end the sign-in', async () => {
      const { user, refresh } = await setUp(databases);
      const { sessionId, refreshToken } = await begin(refresh, user);
      expect(await refresh.exchange(`${sessionId}.x`)).toEqual({ refused: true });
      refreshed(await refresh.exchange(refreshToken));
    });

    test('is exchanged so often within the grace, and not more', async () => {
      const { time, user, refresh } = await setUp(databases);
      let { refreshToken } = await begin(refresh, user);
      for (let count = 1; count < maxExchanges; count += 1)
        ({ refreshToken } = refreshed(await refresh.exchange(refreshToken)));
      expect(await refresh.exchange(refreshToken)).toEqual({ retryAfterMs: reuseGraceMs });
      time.now += reuseGraceMs;
      refreshed(await refresh.exchange(refreshToken));
    });

    test('is not given for a password that was changed while it was checked', async () => {
      const { store, user, refresh } = await setUp(databases);
      await store.setPassword(user.id, 'another hash');
      expect(await refresh.begin(user, 'x')).toBeUndefined();
      expect(await store.setPassword(user.id, 'a third one', 'x')).toBe(false);
      expect(await refresh.begin(user, 'another hash')).toHaveProperty('refreshToken');
    });

    test('expires a week after the last exchange', async () => {
      const { time, user, refresh } = await setUp(databases);
      const first = await begin(refresh, user);
      time.now += refreshLifetimeMs;
      expect(await refresh.exchange(first.refreshToken)).toEqual({ refused: true });
    });

    test('is kept as a hash alone, 50 of a sign-in', async () => {
      const { time, database, user, refresh } = await setUp(databases);
      let { refreshToken } = await begin(refresh, user);
      for (let round = 0; round < 55; round += 1) {
        time.now += 1_000;
        ({ refreshToken } = refreshed(await refresh.exchange(refreshToken)));
      }
      const kept = await database.selectFrom('refresh_tokens').selectAll().execute();
      expect(kept).toHaveLength(50);
      expect(JSON.stringify(kept)).not.toContain(refreshToken.split('.')[1]);
      expect(await refresh.exchange(refreshToken)).toHaveProperty('refreshToken');
    });

    test('makes room among the sign-ins of its user, and forgets those that expired', async () => {
      const { time, database, user, refresh } = await setUp(databases);
      const first = await begin(refresh, user);
      let evicted: unknown;
      for (let count = 0; count < maxSessions; count += 1) {
        time.now += 1;
        ({ evicted } = await begin(refresh, user));
      }
      const { length } = await database.selectFrom('login_sessions').select('id').execute();
      expect(length).toBe(maxSessions);
      expect(evicted).toEqual([{ sessionId: first.sessionId, orgId: user.orgId }]);
      expect(await refresh.exchange(first.refreshToken)).toEqual({ refused: true });
      time.now += refreshLifetimeMs;
      await begin(refresh, user);
      expect(await database.selectFrom('login_sessions').select('id').execute()).toHaveLength(1);
    });

    test('ends with all the others of its user but one', async () => {
      const { user, refresh } = await setUp(databases);
      const [mine, other] = [await begin(refresh, user), await begin(refresh, user)];
      expect(await refresh.endAll(user.id, mine.sessionId)).toEqual([
        { sessionId: other.sessionId, orgId: user.orgId },
      ]);
      expect(await refresh.exchange(other.refreshToken)).toEqual({ refused: true });
      refreshed(await refresh.exchange(mine.refreshToken));
    });
  });

  describe('a personal token', () => {
    const owner = (user: { readonly id: string; readonly orgId: string }) => ({ userId: user.id, orgId: user.orgId });

    test('speaks for its user until it expires or is removed', async () => {
      const { time, database, user, access, personalTokens, failures } = await setUp(databases);
      const expiresAt = time.now + 1_000;
      const made = await personalTokens.create(owner(user), { name: 'ci', expiresAt });
      expect(made?.token).toMatch(/^fwt_[\w-]{43}$/);
      expect(await access.verify(made?.token)).toEqual({
        identity: {
          userId: user.id,
          orgId: user.orgId,
          username: 'admin',
          role: 'admin',
          proof: 'personal-token',
          jti: made?.id,
          expiresAt,
        },
      });
      await expect.poll(async () => (await personalTokens.list(owner(user)))[0]?.lastUsedAt).toBe(time.now);
      expect(JSON.stringify(await database.selectFrom('personal_tokens').selectAll().execute())).not.toContain(
        made?.token,
      );
      time.now = expiresAt;
      expect(await access.verify(made?.token)).toEqual({ refused: 'expired' });
      expect(await personalTokens.remove({ ...owner(user), userId: 'another' }, made?.id ?? '')).toBe(false);
      expect(await personalTokens.remove(owner(user), made?.id ?? '')).toBe(true);
      expect(await access.verify(made?.token)).toEqual({ refused: 'invalid' });
      expect(failures).toEqual([]);
    });

    test('is one of at most 100, also of those that are made at once', async () => {
      const { user, personalTokens } = await setUp(databases);
      const make = () => personalTokens.create(owner(user), { name: 'ci', expiresAt: null });
      for (let count = 0; count < maxPersonalTokens - 2; count += 1) await make();
      const made = await Promise.all(Array.from({ length: 8 }, make));
      expect(made.filter((each) => each !== undefined)).toHaveLength(2);
    });

    test('goes with the membership, and there are at most 100', async () => {
      const { store, user, access, personalTokens } = await setUp(databases);
      const member = await store.addMember(user.orgId, { username: 'other', passwordHash: 'x', role: 'viewer' });
      const made = await personalTokens.create(owner(member), { name: 'ci', expiresAt: null });
      for (let count = 1; count < maxPersonalTokens; count += 1)
        await personalTokens.create(owner(member), { name: 'more', expiresAt: null });
      expect(await personalTokens.create(owner(member), { name: 'one more', expiresAt: null })).toBeUndefined();
      expect(await personalTokens.keepNewest(owner(member), 'more', 10)).toHaveLength(89);
      expect(await personalTokens.list(owner(member))).toHaveLength(11);
      await store.removeMember(user.orgId, member.id);
      expect(await access.verify(made?.token)).toEqual({ refused: 'invalid' });
    });
  });
});
