import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { newFolder } from './testing/new-folder.ts';
import { post, runProgram, signIn, testPassword, type Program } from './testing/running.ts';

const programs: Program[] = [];
afterAll(async () => {
  for (const { child } of programs) child.kill('SIGKILL');
  await Promise.all(programs.map(({ exited }) => exited));
});

function run(args: readonly string[], environment?: Record<string, string>): Program {
  // Ports for TLS would collide, and the clusters of whoever runs the tests are not for them.
  const alone = { FLEETWIRE_TLS_PORT: 'off', FLEETWIRE_DEMO: 'off', KUBECONFIG: join(newFolder(), 'none') };
  const program = runProgram(args, { ...alone, ...environment });
  programs.push(program);
  return program;
}

const ready = /^Fleetwire is ready at (http:\/\/127\.0\.0\.1:\d+)$/;
async function urlOf(program: Program): Promise<string> {
  return ready.exec(await program.line(ready))?.[1] ?? '';
}

const quick = { FLEETWIRE_ADMIN_PASSWORD: testPassword, FLEETWIRE_DRAIN_DEADLINE_MS: '1000' };

// Most of their time is the start of processes, so they run side by side.
describe.concurrent('the program', () => {
  it('prints the ready line alone on its line, with its true port, and nothing else on stdout but the first password', async () => {
    const folder = newFolder();
    const first = run(['--port', '0', '--data-dir', folder]);
    const url = await urlOf(first);
    expect(first.stdout).toHaveLength(3);
    const password = / with the password (\S+)$/.exec(first.stdout[0] ?? '')?.[1] ?? '';
    expect(first.stdout[1]).toContain(`${url}/login#username=admin&password=${encodeURIComponent(password)}`);
    expect((await post(`${url}/api/v1/auth/login`, { username: 'admin', password })).status).toBe(200);
    first.child.kill('SIGTERM');
    expect(await first.exited).toEqual({ code: 0, signal: null });

    const second = run(['--port', '0', '--data-dir', folder], { FLEETWIRE_ADMIN_PASSWORD: 'another password' });
    await urlOf(second);
    expect(second.stdout).toHaveLength(1);
    const again = await post(`${(ready.exec(second.stdout[0] ?? '') ?? [])[1] ?? ''}/api/v1/auth/login`, {
      username: 'admin',
      password,
    });
    expect(again.status).toBe(200);
  });

  it('writes its log as JSON lines on stderr, without any token', async () => {
    const program = run(['--port=0', '--data-dir', newFolder(), '--log-level=trace'], quick);
    const url = await urlOf(program);
    const { accessToken, cookie } = await signIn(url);
    await fetch(`${url}/api/v1/server/health?token=${accessToken}`, {
      headers: { authorization: `Bearer ${accessToken}`, cookie },
    });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?token=${accessToken}`, 'fleetwire.v1');
    await new Promise((resolve) => socket.on('open', resolve));
    socket.terminate();
    program.child.kill('SIGTERM');
    await program.exited;
    for (const line of program.stderr) expect(() => JSON.parse(line) as unknown).not.toThrow();
    const log = program.stderr.join('\n');
    expect(log).toContain('"path":"/api/v1/server/health?token=[redacted]"');
    for (const secret of [accessToken, cookie.split('=')[1] ?? '', testPassword]) expect(log).not.toContain(secret);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'drains at %s: not ready, connections asked to leave, exit 0 within the deadline',
    async (signal) => {
      // What is looked at while it drains must be over before the deadline.
      const program = run(['--port', '0', '--data-dir', newFolder(), '--drain-deadline-ms', '5000'], {
        FLEETWIRE_ADMIN_PASSWORD: testPassword,
      });
      const url = await urlOf(program);
      const { accessToken } = await signIn(url);
      const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'fleetwire.v1');
      const frames: { readonly type: string }[] = [];
      socket.on('open', () => {
        socket.send(
          JSON.stringify({ type: 'hello', protocol: 1, token: accessToken, peer: { name: 'test', version: '1' } }),
        );
      });
      const goaway = new Promise<void>((resolve) => {
        socket.on('message', (data: Buffer) => {
          const frame = JSON.parse(data.toString()) as { readonly type: string };
          frames.push(frame);
          if (frame.type === 'welcome') program.child.kill(signal);
          if (frame.type === 'goaway') resolve();
        });
      });
      await goaway;
      const during = await fetch(`${url}/readyz`);
      expect([during.status, await during.json()]).toEqual([503, expect.objectContaining({ status: 'draining' })]);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      expect(await program.exited).toEqual({ code: 0, signal: null });
      // It did not leave by itself: told so at the deadline.
      expect(await closed).toBe(1012);
      expect(frames.at(-1)).toMatchObject({ type: 'goaway', code: 'DRAINING' });
    },
  );

  it('finishes the requests under way while it drains, and begins none but those of probes', async () => {
    const program = run(['--port', '0', '--data-dir', newFolder(), '--drain-deadline-ms', '600000'], {
      FLEETWIRE_ADMIN_PASSWORD: testPassword,
    });
    const url = await urlOf(program);
    const login = `${url}/api/v1/auth/login`;
    const body = JSON.stringify({ username: 'admin', password: testPassword });
    const slow = request(login, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' },
      agent: new Agent({ keepAlive: true }),
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      slow.on('response', resolve).on('error', reject),
    );
    slow.flushHeaders();
    // The server has the head of the request, and waits for its body.
    await once(slow, 'continue');
    slow.write(body.slice(0, 10));
    program.child.kill('SIGTERM');
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(503));
    for (const refused of [
      await post(login, JSON.parse(body)),
      await fetch(url),
      await fetch(`${url}/clusters/x/api`),
    ]) {
      expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('connection')]).toEqual([
        503,
        '1',
        'close',
      ]);
      expect(await refused.json()).toMatchObject({ code: 'DRAINING', status: 503 });
    }
    for (const probe of ['/healthz', '/metrics']) expect((await fetch(url + probe)).status).toBe(200);
    slow.end(body.slice(10));
    const response = await answered;
    response.resume();
    expect([response.statusCode, response.headers.connection]).toEqual([200, 'close']);
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });

  it('exits at once at a second signal', async () => {
    const program = run(['--port', '0', '--data-dir', newFolder(), '--drain-deadline-ms', '600000'], quick);
    const url = await urlOf(program);
    const { accessToken } = await signIn(url);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'fleetwire.v1');
    socket.on('error', () => undefined);
    socket.on('open', () => {
      socket.send(
        JSON.stringify({ type: 'hello', protocol: 1, token: accessToken, peer: { name: 'test', version: '1' } }),
      );
    });
    await new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        const { type } = JSON.parse(data.toString()) as { readonly type: string };
        if (type === 'welcome') program.child.kill('SIGTERM');
        if (type === 'goaway') resolve();
      });
    });
    program.child.kill('SIGTERM');
    expect(await program.exited).toEqual({ code: 1, signal: null });
  });

  it('exits with 2 and a line for each problem of its configuration', async () => {
    const program = run(['--port', '99999', '--verbose']);
    expect(await program.exited).toEqual({ code: 2, signal: null });
    expect(program.stdout).toEqual([]);
    expect(program.stderr).toEqual([
      expect.stringContaining(
        'fleetwire: --verbose: unknown flag; expected one of --config, --port, --host, --tls-port',
      ),
      'fleetwire: --port: expected a whole number from 0 to 65535, got "99999"',
      'Try `fleetwire --help`.',
    ]);
  });

  it('says in one sentence that its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { readonly port: number };
    const program = run(['--port', String(port), '--data-dir', newFolder()]);
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.stderr).toEqual([
      `fleetwire: 127.0.0.1 port ${String(port)} is in use by another program: give another --port, or 0 for a free one`,
    ]);
    other.close();
  });

  it('says in one sentence what is wrong with its data folder, and quotes nothing of it', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, 'x');
    const noFolder = run(['--port', '0', '--data-dir', file]);
    expect(await noFolder.exited).toEqual({ code: 1, signal: null });
    expect(noFolder.stderr).toEqual([expect.stringMatching(/^fleetwire: the data folder \S+ cannot be used \(EEXIST/)]);
    const folder = newFolder();
    writeFileSync(join(folder, 'accounts.json'), '{"signingKey":{"secret":"hush"');
    const broken = run(['--port', '0', '--data-dir', folder]);
    expect(await broken.exited).toEqual({ code: 1, signal: null });
    expect(broken.stderr).toEqual([expect.stringMatching(/accounts\.json cannot be read: mend it/)]);
    expect(broken.stderr[0]).not.toContain('hush');
  });

  it('finishes its start and exits with 0 when it is told to stop meanwhile', async () => {
    const folder = newFolder();
    const program = run(['--port', '0', '--data-dir', folder]);
    await vi.waitFor(() => expect(existsSync(join(folder, 'lock.db'))).toBe(true), { interval: 1 });
    program.child.kill('SIGTERM');
    expect(await program.exited).toEqual({ code: 0, signal: null });
    // The password is made once: whoever stops the first start has still seen it.
    expect(program.stdout[0]).toContain(' with the password ');
  });

  it('exits soon after its deadline, however its database hangs', async () => {
    const silentDatabase = createServer();
    await new Promise<void>((resolve) => silentDatabase.listen(0, '127.0.0.1', resolve));
    const { port } = silentDatabase.address() as { readonly port: number };
    const connected = new Promise((resolve) => silentDatabase.once('connection', resolve));
    const program = run(['--port=0', '--data-dir', newFolder(), '--drain-deadline-ms=0'], {
      DATABASE_URL: `postgres://x@127.0.0.1:${String(port)}/x`,
    });
    await connected;
    program.child.kill('SIGTERM');
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.stderr.join('\n')).toContain('cut off: the drain did not end in time');
    silentDatabase.close();
  });

  it('refuses a data folder that another one uses, and says which', async () => {
    const folder = newFolder();
    const first = run(['--port', '0', '--data-dir', folder]);
    const url = await urlOf(first);
    const second = run(['--port', '0', '--data-dir', folder]);
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.stderr).toEqual([
      expect.stringContaining(`is in use by another Fleetwire (process ${String(first.child.pid)}, ${url})`),
    ]);
    first.child.kill('SIGKILL');
    await first.exited;
    await urlOf(run(['--port', '0', '--data-dir', folder]));
  });

  it('prints the address of TLS before the other, each alone on its line', async () => {
    const folder = newFolder();
    const program = run(['--port', '0', '--tls-port', '0', '--data-dir', folder], quick);
    const url = await urlOf(program);
    expect(program.stdout).toEqual([
      expect.stringMatching(/^Fleetwire TLS is ready at https:\/\/127\.0\.0\.1:\d+$/),
      `Fleetwire is ready at ${url}`,
    ]);
    expect(existsSync(join(folder, 'tls', 'ca.crt'))).toBe(true);
  });

  it('shows the configuration that it would use, and exits with 2 where it cannot be', async () => {
    const file = join(newFolder(), 'fleet.yaml');
    writeFileSync(file, 'port: 9000\nlogLevel: loud\n');
    const wrong = run(['config', 'check', '--config', file]);
    expect(await wrong.exited).toEqual({ code: 2, signal: null });
    expect(wrong.stderr[0]).toMatch(/^fleetwire: fleet\.yaml:2: logLevel: expected one of trace, .*, got "loud"$/);
    writeFileSync(file, 'port: 9000\n');
    const right = run(['config', 'check', '--config', file], { DATABASE_URL: 'postgres://user:hush@host/db' });
    expect(await right.exited).toEqual({ code: 0, signal: null });
    expect(right.stdout).toContain('port: 9000 # fleet.yaml:1: port');
    expect(right.stdout.join('\n')).not.toContain('hush');
  });

  it('prints a kubeconfig of the server that runs, and exits with 1 where none does', async () => {
    const folder = newFolder();
    const none = run(['kubeconfig', '--data-dir', folder]);
    expect(await none.exited).toEqual({ code: 1, signal: null });
    expect(none.stderr).toEqual([
      expect.stringMatching(/^fleetwire: no server runs with the data folder \S+: start it/),
    ]);
    const server = run(['--port=0', '--tls-port=0', '--demo', '--data-dir', folder], quick);
    await urlOf(server);
    const made = run(['kubeconfig', '--data-dir', folder, '--cluster', 'demo']);
    expect(await made.exited).toEqual({ code: 0, signal: null });
    expect(made.stdout.join('\n')).toMatch(/server: https:\/\/127\.0\.0\.1:\d+\/clusters\/demo\n/);
    server.child.kill('SIGKILL');
    await server.exited;
    const killed = run(['kubeconfig', '--data-dir', folder]);
    expect(await killed.exited).toEqual({ code: 1, signal: null });
    expect(killed.stderr).toEqual([
      expect.stringMatching(/^fleetwire: no server runs with the data folder \S+: start it/),
    ]);
  });

  it('prints its help and its version', async () => {
    const help = run(['--help']);
    expect(await help.exited).toEqual({ code: 0, signal: null });
    expect(help.stdout.join('\n')).toContain('FLEETWIRE_DATA_DIR');
    const version = run(['--version']);
    await version.exited;
    expect(version.stdout).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+/)]);
  });
});
