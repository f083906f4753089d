import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('dist/main.js', import.meta.resolve('@fleetwire/server/package.json')));

/** The built server with the built dashboard, as a process of its own. */
export interface DashboardServer {
  readonly url: string;
  readonly password: string;
  dispose(): Promise<void>;
}

/** Starts it in front of one cluster on a port of this machine; resolves when it is ready. */
export async function startDashboardServer(clusterPort: number): Promise<DashboardServer> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const password = 'a password for the bench';
  const cluster = { name: 'bench', cluster: { server: `http://127.0.0.1:${String(clusterPort)}` } };
  const contexts = [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }];
  const users = [{ name: 'bench', user: {} }];
  await writeFile(
    kubeconfig,
    JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters: [cluster], users, contexts }),
  );
  const child = spawn(
    process.execPath,
    [program, '--port', '0', '--tls-port', 'off', '--data-dir', join(folder, 'data')],
    {
      env: { PATH: process.env['PATH'] ?? '', KUBECONFIG: kubeconfig, FLEETWIRE_ADMIN_PASSWORD: password },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exit = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = /^Fleetwire is ready at (\S+)$/.exec(line)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    exit.then(([code]) => {
      reject(new Error(`the server ended with ${String(code)} before it was ready`));
    }, reject);
  });
  return {
    url,
    password,
    async dispose() {
      child.kill();
      await exit;
      await rm(folder, { recursive: true });
    },
  };
}
