import pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
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

  test('exits with 1 when another one has taken the database from it', async () => {
    const databaseUrl = await newPostgresDatabase();
    const program = runProgram(['--port=0', '--tls-port=off', '--demo=off', '--data-dir', newFolder()], {
      DATABASE_URL: databaseUrl,
      FLEETWIRE_ADMIN_PASSWORD: testPassword,
    });
    onTestFinished(() => void program.child.kill('SIGKILL'));
    await program.line(/^Fleetwire is ready at /);
    const [other, supervisor] = [new pg.Client(databaseUrl), new pg.Client(databaseUrl)];
    await Promise.all([other.connect(), supervisor.connect()]);
    const {
      rows: [held],
    } = await supervisor.query<{ readonly pid: number; readonly key: string }>(
      `select pid, (classid::bigint << 32 | objid::bigint)::text as key from pg_locks
       where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`,
    );
    // It waits in line for the lock, and has it as soon as its holder is gone.
    const taken = other.query('select pg_advisory_lock($1)', [held?.key]);
    await vi.waitFor(async () => {
      const { rowCount } = await supervisor.query("select 1 from pg_locks where locktype = 'advisory' and not granted");
      expect(rowCount).toBe(1);
    });
    await supervisor.query('select pg_terminate_backend($1)', [held?.pid]);
    await taken;
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.stderr.join('\n')).toContain('"reason":"the database is taken"');
    await Promise.all([other.end(), supervisor.end()]);
  });
});
