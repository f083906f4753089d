// A vitest globalSetup: private PostgreSQL and Redis servers where the machine has them; their tests are skipped elsewhere.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { isEverythingRequired } from './required.ts';
import { steadyPort } from './steady-port.ts';

const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** Folders that Debian keeps PostgreSQL's server programs in, newest version first; they are on no PATH. */
export function postgresFolders(): string[] {
  const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES) : [];
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
}

/** Path of a program, or undefined where the machine has none, which is an error under `CI=true` or `REQUIRE_ALL=1`. */
export function findProgram(name: string, extraDirs: readonly string[] = []): string | undefined {
  const dirs = [...extraDirs, ...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'];
  const found = dirs.map((dir) => join(dir, name)).find((path) => existsSync(path));
  if (found === undefined && isEverythingRequired()) {
    throw new Error(`CI=true or REQUIRE_ALL=1, but ${name} is not installed`);
  }
  return found;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals, dir: string): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null) {
    child.kill(signal);
    await exited;
  }
  rmSync(dir, { recursive: true, force: true });
}

/** Starts PostgreSQL without durability (tests of durability start their own); the url, and its undo. */
async function startPostgres(initdb: string): Promise<{ url: string; stop: () => Promise<void> }> {
  // PostgreSQL refuses to run as root, so it runs as the account that Debian's package made.
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres']));
  const account = process.getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : undefined;
  const dir = mkdtempSync(join(tmpdir(), 'fleetwire-pg-'));
  if (account !== undefined) chownSync(dir, account.uid, account.gid);
  const options = { ...account, cwd: '/', stdio: 'ignore' as const };
  execFileSync(initdb, ['-D', join(dir, 'data'), '-A', 'trust', '-U', 'postgres', '-N'], options);
  const port = await steadyPort();
  const args = [
    '-D',
    join(dir, 'data'),
    '-p',
    String(port),
    '-k',
    dir,
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'fsync=off',
  ];
  const child = spawn(initdb.replace(/initdb$/, 'postgres'), args, options);
  const isReady = initdb.replace(/initdb$/, 'pg_isready');
  for (let attempt = 0; ; attempt++) {
    try {
      execFileSync(isReady, ['-h', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
      break;
    } catch (error) {
      if (attempt > 200 || child.exitCode !== null) {
        child.kill('SIGKILL');
        throw error;
      }
      await delay(50);
    }
  }
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop: () => stop(child, 'SIGINT', dir) };
}

/** Waits until something accepts on a port of loopback; throws when the server has died or 10 s went by. */
async function accepts(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} exited with ${child.exitCode}`);
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (connected) return;
    await delay(50);
  }
  throw new Error(`${child.spawnfile} does not accept on port ${port}`);
}

async function startRedis(program: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'fleetwire-redis-'));
  const port = await steadyPort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir];
  const child = spawn(program, args, { stdio: 'ignore' });
  await accepts(port, child);
  return { url: `redis://127.0.0.1:${port}`, stop: () => stop(child, 'SIGTERM', dir) };
}

/** Sets `TEST_POSTGRES_URL` and `TEST_REDIS_URL` for the run, unless they are set already; returns the undo. */
export async function setup(): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  if (process.env['TEST_POSTGRES_URL'] === undefined) {
    const initdb = findProgram('initdb', postgresFolders());
    if (initdb !== undefined) {
      const postgres = await startPostgres(initdb);
      process.env['TEST_POSTGRES_URL'] = postgres.url;
      stops.push(postgres.stop);
    }
  }
  if (process.env['TEST_REDIS_URL'] === undefined) {
    const program = findProgram('redis-server');
    if (program !== undefined) {
      const redis = await startRedis(program);
      process.env['TEST_REDIS_URL'] = redis.url;
      stops.push(redis.stop);
    }
  }
  return async () => {
    for (const undo of stops.reverse()) await undo();
  };
}
