import { describe, expect, it } from 'vitest';
import { hasPostgres, newPostgresDatabase } from '../src/testing/databases.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { callAs, runProgram, signIn, startTestServer, testPassword } from '../src/testing/running.ts';

describe('a server on PostgreSQL', () => {
  const test = it.skipIf(!hasPostgres);

  test('keeps its accounts there, whatever becomes of its data folder', async () => {
    const databaseUrl = await newPostgresDatabase();
    const first = await startTestServer({ databaseUrl });
    expect(await (await fetch(`${first.url}/readyz`)).json()).toMatchObject({
      status: 'ready',
      database: { ok: true, kind: 'postgresql' },
    });
    const { accessToken } = await signIn(first.url);
    await first.dispose();
    const second = await startTestServer({ databaseUrl, adminPassword: 'another password' });
    expect(second.administrator).toBeUndefined();
    // The key and the sign-in are in the database too: the token of before holds.
    expect((await callAs(accessToken, 'GET', `${second.url}/api/v1/me`)).status).toBe(200);
    await second.dispose();
  });

  test('is the only one there: a second one exits with 1 and says why', async () => {
    const databaseUrl = await newPostgresDatabase();
    const first = await startTestServer({ databaseUrl });
    const second = runProgram(['--port=0', '--tls-port=off', '--demo=off', '--data-dir', newFolder()], {
      DATABASE_URL: databaseUrl,
      FLEETWIRE_ADMIN_PASSWORD: testPassword,
    });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.stderr).toEqual([
      expect.stringMatching(
        /^fleetwire: another Fleetwire serves the database of DATABASE_URL: replicas need REDIS_URL/,
      ),
    ]);
    await first.dispose();
  });
});
