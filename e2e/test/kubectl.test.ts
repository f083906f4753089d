import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { kubectls } from '@fleetwire/config/kubectl';
import { deploymentManifest } from '../src/cluster-calls.ts';
import { printKubeconfig, startServer, type ServerProcess } from '../src/server-process.ts';

const execute = promisify(execFile);

// kubectl sends no token over plain http, so that this also goes through TLS and the server's own authority.
describe.concurrent.each(kubectls)('$name through `fleetwire kubeconfig`', ({ path, version }) => {
  const namespace = `kubectl-${version.replaceAll('.', '-')}`;
  const folder = mkdtempSync(join(tmpdir(), 'fleetwire-kubectl-'));
  const kubeconfig = join(folder, 'kubeconfig.yaml');
  const env = { HOME: folder, KUBECONFIG: kubeconfig, PATH: process.env['PATH'] ?? '' };
  let server: ServerProcess;

  const run = async (...args: readonly string[]): Promise<string> =>
    (await execute(path, [...args], { env, timeout: 60_000, maxBuffer: 2 ** 26 })).stdout;

  /** Runs until a line matches; resolves with the lines so far. */
  const follow = (pattern: RegExp, ...args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn(path, [...args], { env });
      let output = '';
      const timer = setTimeout(() => child.kill(), 60_000);
      const read = (data: Buffer): void => {
        output += data.toString();
        if (pattern.test(output)) child.kill();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.on('close', () => {
        clearTimeout(timer);
        if (pattern.test(output)) resolve(output);
        else reject(new Error(`kubectl ${args.join(' ')}: nothing matched ${String(pattern)} in\n${output}`));
      });
    });

  beforeAll(async () => {
    server = await startServer();
    writeFileSync(kubeconfig, await printKubeconfig(server), { mode: 0o600 });
    await run('create', 'namespace', namespace);
  });
  afterAll(async () => {
    await server.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('reads: get, get -o wide, describe, api-resources, explain, logs', async () => {
    expect(await run('get', 'nodes')).toMatch(/^worker-1 +Ready/m);
    expect(await run('get', 'pods', '-A', '-o', 'wide')).toMatch(/^NAMESPACE .* IP +NODE/);
    expect(await run('describe', 'node', 'worker-1')).toMatch(/KubeletReady/);
    expect(await run('api-resources', '--namespaced=false')).toMatch(/^nodes +no /m);
    expect(await run('explain', 'deployment.spec.strategy')).toMatch(/rollingUpdate/);
    expect(await run('logs', 'deployment/storefront', '-n', 'shop', '--tail', '1')).toMatch(/\S/);
  });

  it('writes: apply, patch, label, scale, rollout, delete, watched by get -w and followed by logs -f', async () => {
    const manifest = join(folder, 'web.json');
    const write = (image: string): void => {
      const text = JSON.stringify(deploymentManifest('web', 2));
      writeFileSync(
        manifest,
        text.replace('"namespace":"default"', `"namespace":"${namespace}"`).replace('web:1.0', image),
      );
    };
    write('web:1.0');
    const watched = follow(/^web .* 3\/3 /m, 'get', 'deployments', '-n', namespace, '-w');
    expect(await run('apply', '-f', manifest)).toContain('deployment.apps/web created');
    await run('rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=60s');
    const logged = follow(/\S/, 'logs', '-f', 'deployment/web', '-n', namespace);
    expect(await run('scale', 'deployment/web', '-n', namespace, '--replicas=3')).toContain('scaled');
    await watched;
    write('web:2.0');
    expect(await run('apply', '-f', manifest)).toContain('deployment.apps/web configured');
    const patch = JSON.stringify({ spec: { minReadySeconds: 1 } });
    expect(await run('patch', 'deployment', 'web', '-n', namespace, '-p', patch)).toContain('patched');
    expect(await run('label', 'deployment', 'web', '-n', namespace, 'tier=front')).toContain('labeled');
    await run('rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=60s');
    await logged;
    expect(await run('delete', 'deployment', 'web', '-n', namespace)).toContain('deleted');
    await vi.waitFor(async () => expect(await run('get', 'pods', '-n', namespace, '-o', 'name')).toBe(''), 45_000);
  });

  it('is told what it may not do', async () => {
    const refused = run('get', '--raw', '/api/v1/namespaces/shop/pods/none/attach').catch((error: unknown) => error);
    expect(await refused).toMatchObject({ code: 1 });
    await expect(run('--token=fwt_wrong', 'get', 'pods')).rejects.toThrow(/Unauthorized|must be logged in/);
  });
});
