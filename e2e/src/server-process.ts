import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Password of `admin` where a test does not want the printed one. */
export const password = 'a password for tests';

/** The built server, as `pnpm start` runs it. */
export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  /** What it printed before it was ready. */
  readonly printed: readonly string[];
  readonly folder: string;
  /** Sends SIGTERM (or another) and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const main = fileURLToPath(new URL('dist/main.js', import.meta.resolve('@fleetwire/server/package.json')));

/** Starts the server; resolves at its ready line. */
export async function startServer(
  options: {
    readonly port?: number;
    readonly folder?: string;
    readonly password?: string | undefined;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<ServerProcess> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'fleetwire-e2e-'));
  const given = 'password' in options ? options.password : password;
  const args = ['--port', String(options.port ?? 0), '--tls-port', '0', '--data-dir', folder];
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      FLEETWIRE_DRAIN_DEADLINE_MS: '3000',
      ...(given === undefined ? {} : { FLEETWIRE_ADMIN_PASSWORD: given }),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  const url = await readyUrl(child, printed);
  return {
    url,
    port: Number(new URL(url).port),
    printed,
    folder,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exit = once(child, 'exit');
      child.kill(signal);
      const [code] = (await exit) as [number | null];
      return code;
    },
  };
}

/** What `fleetwire kubeconfig` prints for a server that runs. */
export async function printKubeconfig(server: Pick<ServerProcess, 'folder'>): Promise<string> {
  const args = [main, 'kubeconfig', '--data-dir', server.folder];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: process.env['PATH'] ?? '' } });
  return stdout;
}

function readyUrl(child: ChildProcess, printed: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let errors = '';
    child.stderr?.on('data', (data: Buffer) => (errors += data.toString()));
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const url = /^Fleetwire is ready at (\S+)$/.exec(line)?.[1];
        if (url === undefined) printed.push(line);
        else resolve(url);
      });
    }
    child.once('exit', (code) => {
      reject(new Error(`the server ended with ${String(code)} before it was ready:\n${errors}`));
    });
  });
}
