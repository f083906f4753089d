import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { FakeKubeApi } from '../../src/server/index.ts';
import { podObject } from '../support/exec-pod.ts';
import { startServer, type TestServer } from './client.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' } as const;
const PATH = '/api/v1/namespaces/default/pods';
const BOTH = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

function addPod(api: FakeKubeApi, name: string, more?: object): void {
  const { status, ...pod } = podObject(name, 'registry.example/app:1.0', more) as unknown as Record<string, object>;
  const { uid: _, resourceVersion: __, ...metadata } = pod['metadata'] as Record<string, string>;
  const stored = { ...pod, metadata } as never;
  api.store.create(PODS, 'default', stored);
  api.store.patch(PODS, 'default', name, 'merge', { status }, { subresource: 'status' });
}

interface Opened {
  readonly socket: WebSocket;
  /** All that came on a channel. */
  text(channel: number): string;
  readonly first: readonly number[];
  send(channel: number, text: string | readonly number[]): void;
  /** The Status of the error channel. */
  status(): Promise<Record<string, unknown>>;
}

async function open(
  { url }: TestServer,
  query: string,
  { protocols = BOTH, origin, pod = 'x' }: { protocols?: string[]; origin?: string; pod?: string } = {},
): Promise<Opened | { readonly status: number; readonly message: string }> {
  const address = `${url.replace('http', 'ws')}${PATH}/${pod}/exec?${query}`;
  const socket = new WebSocket(address, protocols, origin === undefined ? {} : { origin });
  onTestFinished(() => {
    socket.terminate();
  });
  const messages: Buffer[] = [];
  socket.on('message', (data: Buffer) => messages.push(data));
  socket.on('error', () => undefined);
  const refused = once(socket, 'unexpected-response').then(async ([, response]: IncomingMessage[]) => {
    const chunks: Buffer[] = [];
    for await (const chunk of response ?? []) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return {
      status: response?.statusCode ?? 0,
      message: text === '' ? '' : (JSON.parse(text) as { message: string }).message,
    };
  });
  refused.catch(() => undefined);
  const text = (channel: number): string =>
    Buffer.concat(messages.filter(([first]) => first === channel).map((data) => data.subarray(1))).toString();
  const opened: Opened = {
    socket,
    text,
    get first() {
      return [...(messages[0] ?? [])];
    },
    send(channel, data) {
      socket.send(
        Buffer.concat([Buffer.of(channel), typeof data === 'string' ? Buffer.from(data) : Buffer.from(data)]),
      );
    },
    async status() {
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
      return JSON.parse(text(3)) as Record<string, unknown>;
    },
  };
  return Promise.race([once(socket, 'open').then(() => opened), refused]);
}

async function mustOpen(...args: Parameters<typeof open>): Promise<Opened> {
  const opened = await open(...args);
  if ('socket' in opened) return opened;
  throw new Error(`refused: ${String(opened.status)} ${opened.message}`);
}

async function startWithPod(options?: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(options);
  addPod(server.api, 'x');
  return server;
}

test('a command writes to its channels and ends in the error channel; v5 is chosen where both are offered', async () => {
  const server = await startWithPod();
  const exec = await mustOpen(server, 'command=sh&command=-c&command=echo+a;nope&stdout=true&stderr=true', {
    protocols: BOTH.toReversed(),
  });
  expect(exec.socket.protocol).toBe('v5.channel.k8s.io');
  expect(await exec.status()).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' });
  expect(exec.first).toEqual([1]);
  expect([exec.text(1), exec.text(2)]).toEqual(['a\n', 'sh: nope: not found\n']);
  expect(server.api.stats.requests.at(-1)).toMatchObject({ isWatch: false, status: 101 });
});

test('input comes on channel 0, however its characters are cut, until it is closed as v5 does', async () => {
  const server = await startWithPod();
  const exec = await mustOpen(server, 'command=cat&stdin=true&stdout=true');
  const [first = 0, ...rest] = Buffer.from('é');
  exec.send(0, [first]);
  exec.send(0, [...rest, 10]);
  exec.send(4, '{"Width":100,"Height":30}');
  await vi.waitFor(() => {
    expect(exec.text(1)).toBe('é\n');
  });
  exec.send(255, [0]);
  expect(await exec.status()).toEqual({ metadata: {}, status: 'Success' });
});

test('v4 knows no closed channels', async () => {
  const server = await startWithPod();
  const exec = await mustOpen(server, 'command=cat&stdin=true&stdout=true', { protocols: ['v4.channel.k8s.io'] });
  expect(exec.socket.protocol).toBe('v4.channel.k8s.io');
  exec.send(255, [0]);
  exec.send(0, 'still read\n');
  await vi.waitFor(() => {
    expect(exec.text(1)).toBe('still read\n');
  });
});

test('a shell on a terminal echoes, answers and ends with the container', async () => {
  const server = await startWithPod();
  const exec = await mustOpen(server, 'command=sh&stdin=true&stdout=true&stderr=true&tty=true');
  exec.send(0, 'sleep 100\r');
  await vi.waitFor(() => {
    expect(exec.text(1)).toBe('/app # sleep 100\r\n');
  });
  server.api.store.delete(PODS, 'default', 'x', { gracePeriodSeconds: 0 });
  expect(await exec.status()).toMatchObject({ details: { causes: [{ reason: 'ExitCode', message: '137' }] } });
});

test('a sleep ends by itself, and with a client that goes nothing is left', async () => {
  const server = await startWithPod();
  const exec = await mustOpen(server, 'command=sleep&command=0.05&stdout=true');
  expect(await exec.status()).toMatchObject({ status: 'Success' });
  const gone = await mustOpen(server, 'command=sleep&command=100&stdout=true');
  gone.socket.terminate();
  await server.api.close();
});

test('a container that does not run, or is restarted, ends the command', async () => {
  const server = await startWithPod();
  addPod(server.api, 'waiting', { state: { waiting: { reason: 'CrashLoopBackOff' } } });
  const exec = await mustOpen(server, 'command=sh&stdin=true&stdout=true&tty=true', { pod: 'waiting' });
  expect(await exec.status()).toMatchObject({
    reason: 'InternalError',
    message: 'Internal error occurred: unable to upgrade connection: container not found ("main")',
  });
  const running = await mustOpen(server, 'command=sh&stdin=true&stdout=true&tty=true');
  const status = { containerStatuses: [{ name: 'main', restartCount: 1, state: { running: {} } }] };
  server.api.store.patch(PODS, 'default', 'x', 'merge', { status }, { subresource: 'status' });
  expect(await running.status()).toMatchObject({ details: { causes: [{ message: '137' }] } });
});

test('what cannot be served is answered with a Status before the upgrade', async () => {
  const server = await startWithPod();
  const { body } = await server.call('POST', `${PATH}/x/exec?command=ls&stdout=true`);
  expect(body).toMatchObject({ code: 400, message: 'Upgrade request required' });
  expect((await server.call('POST', `${PATH}/none/exec?command=ls&stdout=true`)).status).toBe(404);
  expect((await server.call('DELETE', `${PATH}/x/exec`)).status).toBe(405);
  server.api.store.create(PODS, 'default', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'unscheduled' },
    spec: { containers: [{ name: 'main', image: 'a' }] },
  });
  const refusal = async (query: string, options?: Parameters<typeof open>[2]) => {
    const answer = await open(server, query, options);
    return 'socket' in answer ? 'opened' : [answer.status, answer.message];
  };
  expect(await refusal('command=ls&stdout=true', { pod: 'none' })).toEqual([404, 'pods "none" not found']);
  expect(await refusal('command=ls&stdout=true&container=y')).toEqual([400, 'container y is not valid for pod x']);
  expect(await refusal('stdout=true')).toEqual([400, 'you must specify at least 1 command for the container']);
  expect(await refusal('command=ls')).toEqual([400, 'you must specify at least 1 of stdin, stdout, stderr']);
  expect(await refusal('command=ls&stdout=true', { pod: 'unscheduled' })).toEqual([
    400,
    'pod unscheduled does not have a host assigned',
  ]);
  expect(await refusal('command=ls&stdout=true', { protocols: ['channel.k8s.io'] })).toEqual([
    400,
    'expected one of the sub-protocols v5.channel.k8s.io, v4.channel.k8s.io, got channel.k8s.io',
  ]);
  expect(await refusal('command=ls&stdout=true', { protocols: [] })).toEqual([
    400,
    'expected one of the sub-protocols v5.channel.k8s.io, v4.channel.k8s.io, got none',
  ]);
});

test('pages of other hosts are refused; clients that are no browsers have no Origin', async () => {
  const server = await startWithPod();
  const query = 'command=ls&stdout=true';
  expect(await open(server, query, { origin: 'https://elsewhere.example' })).toEqual({ status: 403, message: '' });
  expect(await open(server, query, { origin: server.url })).toHaveProperty('socket');
});

test('who may not exec is answered 403', async () => {
  const asked: string[] = [];
  const server = await startWithPod({
    authorize: ({ verb, resource, subresource }) => {
      asked.push(`${verb} ${resource}/${String(subresource)}`);
      return subresource !== 'exec';
    },
  });
  expect(await open(server, 'command=ls&stdout=true')).toMatchObject({ status: 403 });
  expect((await server.call('POST', `${PATH}/x/exec?command=ls&stdout=true`)).status).toBe(403);
  expect(asked).toEqual(['get pods/exec', 'create pods/exec']);
});

test('commands at the same time are bounded', async () => {
  const server = await startWithPod();
  const query = 'command=sleep&command=100&stdout=true';
  const opened = await Promise.all(Array.from({ length: 256 }, () => mustOpen(server, query)));
  expect(await open(server, query)).toMatchObject({ status: 429 });
  opened[0]?.socket.terminate();
  await vi.waitFor(async () => {
    expect(await open(server, query)).toHaveProperty('socket');
  });
});
