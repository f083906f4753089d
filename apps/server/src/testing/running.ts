import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Logger } from '@fleetwire/websocket-core/server';
import { createPasswordHasher, type PasswordHasher } from '../accounts/password.ts';
import { configSchema, type Config } from '../config/schema.ts';
import { startServer, type RunningServer } from '../start.ts';
import { newFolder } from './new-folder.ts';

/** Password of the administrator in tests. */
export const testPassword = 'a password for tests';

const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Starts a server in this process, on a free port and a fresh folder. */
export function startTestServer(
  config: Partial<Config> = {},
  logger: Logger = silent,
  hasher: PasswordHasher = createPasswordHasher({ ln: 4, r: 8, p: 1 }),
): Promise<RunningServer> {
  const whole = {
    ...configSchema.parse({}),
    port: 0,
    tlsPort: 'off' as const,
    demo: 'off' as const,
    // Not the clusters of whoever runs the tests.
    kubeconfig: [join(newFolder(), 'none')],
    dataDir: newFolder(),
    adminPassword: testPassword,
    ...config,
  };
  return startServer(whole, logger, '0.0.0-test', hasher);
}

/** Calls the API as a script would. */
export async function post(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Signs somebody in, by default the administrator. */
export async function signIn(
  url: string,
  username = 'admin',
  password = testPassword,
): Promise<{ readonly accessToken: string; readonly expiresAt: number; readonly cookie: string }> {
  const response = await post(`${url}/api/v1/auth/login`, { username, password });
  if (!response.ok) throw new Error(`${username} cannot sign in: ${await response.text()}`);
  const body = (await response.json()) as { readonly accessToken: string; readonly expiresAt: number };
  return { ...body, cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

/** Calls the API with a token; the body of the answer as JSON, undefined where it has none. */
export async function callAs(
  token: string | undefined,
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    body: isJson ? (JSON.parse(text) as unknown) : undefined,
    headers: response.headers,
  };
}

/** The built program as a process of its own. */
export interface Program {
  readonly child: ChildProcess;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Resolves with the first line that fits; rejects when the program ends before. */
  line(pattern: RegExp): Promise<string>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Most of the time of a start is that of compiling, which is the same each time. */
const compileCache = join(tmpdir(), 'fleetwire-compile-cache');

/** Runs the built program. */
export function runProgram(args: readonly string[], environment: Record<string, string> = {}): Program {
  const main = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout.push(line);
    for (const look of waiting) look();
  });
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  const exited = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  return {
    child,
    stdout,
    stderr,
    exited,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = stdout.find((line) => pattern.test(line));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        void exited.then(() => {
          reject(new Error(`the program ended first:\n${[...stdout, ...stderr].join('\n')}`));
        });
        look();
      }),
  };
}

function ignore(): void {
  // tests look at answers, not at logs
}
