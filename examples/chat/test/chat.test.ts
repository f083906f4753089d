import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { afterEach, expect, it, vi } from 'vitest';
import { steadyPort } from '@fleetwire/config/steady-port';
import { createClient } from '@fleetwire/websocket-core/client';

const children: ChildProcess[] = [];
const undo: (() => void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) step();
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** Runs one of the two programs; `lines` is what it has printed. */
function run(file: string, args: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', file), ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return {
    child,
    lines,
    say: (text: string) => child.stdin.write(`${text}\n`),
    until: (line: string) =>
      vi.waitFor(() => {
        expect(lines).toContain(line);
      }),
  };
}

async function startServer(
  port = 0,
): Promise<{ readonly child: ChildProcess; readonly url: string; readonly port: number }> {
  const { child, lines } = run('server.ts', [], { PORT: String(port) });
  await vi.waitFor(() => {
    expect(lines).toHaveLength(1);
  });
  const url = /http:\S+/.exec(lines[0] ?? '')?.[0] ?? '';
  return { child, url, port: Number(new URL(url).port) };
}

/** A TCP proxy in front of the server, whose connections can be cut. */
async function startProxy(port: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const proxy = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  undo.push(() => {
    cut();
    proxy.close();
  });
  return {
    url: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}/chat`,
    cut,
    mend: () => {
      isCut = false;
    },
  };
}

const messages = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('('));

it('brings a message across, shows who is there, and what was said before one came', async () => {
  const { url } = await startServer();
  const ann = run('client.ts', [url, 'ann']);
  await ann.until('(joined lobby)');
  ann.say('is anybody here?');
  await ann.until('ann: is anybody here?');
  const ben = run('client.ts', [url, 'ben']);
  await ben.until('ann: is anybody here?');
  await ann.until('(here: ann, ben)');
  ben.say('yes');
  await ann.until('ben: yes');
  const elsewhere = run('client.ts', [url, 'cid', 'kitchen']);
  await elsewhere.until('(joined kitchen)');
  expect(messages(elsewhere.lines)).toEqual([]);
  ben.child.stdin.end();
  await ann.until('(here: ann, cid)');
  await vi.waitFor(() => {
    expect(ben.child.exitCode).toBe(0);
  });
});

it('gives a client that was cut what it missed, in order and once, and takes what it said meanwhile', async () => {
  const { url, port } = await startServer();
  const proxy = await startProxy(port);
  const ann = run('client.ts', [url, 'ann']);
  const ben = run('client.ts', [proxy.url, 'ben']);
  await ann.until('(joined lobby)');
  await ben.until('(joined lobby)');
  ann.say('before');
  await ben.until('ann: before');
  proxy.cut();
  await ben.until('(connection lost)');
  for (const text of ['one', 'two', 'three']) ann.say(text);
  await ann.until('ann: three');
  ben.say('still there?');
  expect(messages(ben.lines)).toEqual(['ann: before']);
  proxy.mend();
  await ben.until('(back again)');
  await ann.until('ben: still there?');
  await ben.until('ben: still there?');
  const said = ['ann: before', 'ann: one', 'ann: two', 'ann: three', 'ben: still there?'];
  expect(messages(ben.lines)).toEqual(said);
  expect(messages(ann.lines)).toEqual(said);
});

it('goes on after the server was stopped and started again', async () => {
  const server = await startServer(await steadyPort());
  const ann = run('client.ts', [server.url, 'ann']);
  const ben = run('client.ts', [server.url, 'ben']);
  await ann.until('(joined lobby)');
  await ben.until('(joined lobby)');
  server.child.kill('SIGTERM');
  const [code] = (await once(server.child, 'exit')) as [number];
  expect(code).toBe(0);
  await startServer(server.port);
  await ann.until('(back again)');
  await ben.until('(back again)');
  ben.say('so we meet again');
  await ann.until('ben: so we meet again');
});

it.each([[''], ['x'.repeat(2_001)], [7], [{ length: { valueOf: 1, toString: 1 } }]])(
  'the server refuses %j for a text',
  async (text) => {
    const { url } = await startServer();
    const client = createClient({ url, getToken: () => 'ann' });
    undo.push(() => {
      client.dispose();
    });
    await expect(client.request('chat.say', { room: 'lobby', text })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  },
);
