import { expect, it } from 'vitest';
import { createFakeServer } from '../../test/support/fake-server.ts';
import { FleetwireError, type ServerRequestHandler } from './index.ts';

async function serving(requests: Record<string, ServerRequestHandler>) {
  const server = await createFakeServer({ requests });
  return { server, socket: await server.welcome() };
}

it('[R8] serves requests of the server side by side and answers in the order in which they are ready', async () => {
  const ready = new Map<string, (value: unknown) => void>();
  const { server, socket } = await serving({
    'a.wait': (params) => new Promise((resolve) => ready.set(params as string, resolve)),
  });
  socket.give({ type: 'request', id: 1, method: 'a.wait', params: 'x' });
  socket.give({ type: 'request', id: 2, method: 'a.wait', params: 'y' });
  ready.get('y')?.('second');
  await server.settle();
  ready.get('x')?.(undefined);
  await server.settle();
  expect(socket.take()).toEqual([
    { type: 'response', id: 2, result: 'second' },
    { type: 'response', id: 1, result: null },
  ]);
});

it('[R1] closes with 1002 on an id that does not grow', async () => {
  const { server, socket } = await serving({});
  socket.give({ type: 'request', id: 2, method: 'a.a' });
  socket.give({ type: 'request', id: 2, method: 'a.a' });
  expect(server.client.state).toMatchObject({ status: 'closed', code: 1002 });
});

it('[R2] [R3] a cancelled handler is answered once: CANCELLED when it stopped, its result when it had finished', async () => {
  const { server, socket } = await serving({
    'a.stop': (_params, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('stopped'));
        });
      }),
    'a.go': async (_params, { signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      return 'done anyway';
    },
  });
  socket.give({ type: 'request', id: 1, method: 'a.stop' });
  socket.give({ type: 'request', id: 2, method: 'a.go' });
  for (const id of [1, 2, 1, 77]) socket.give({ type: 'cancel', id });
  await server.settle();
  expect(socket.take()).toMatchObject([
    { type: 'response', id: 1, error: { code: 'CANCELLED' } },
    { type: 'response', id: 2, result: 'done anyway' },
  ]);
  expect(server.errors).toEqual([]);
});

it('[R5] answers UNKNOWN_METHOD, INTERNAL without a detail, and what a handler says with a wire code', async () => {
  const { server, socket } = await serving({
    'a.throw': () => {
      throw new Error('password=hunter2');
    },
    'a.refuse': () => {
      throw new FleetwireError('NOT_FOUND', 'no such thing');
    },
    'a.huge': () => 1n,
  });
  ['constructor', 'a.throw', 'a.refuse', 'a.huge'].forEach((method, index) => {
    socket.give({ type: 'request', id: index + 1, method });
  });
  await server.settle();
  const sent = socket.take();
  expect(sent.map(({ id, error }) => [id, (error as { code: string }).code])).toEqual([
    [1, 'UNKNOWN_METHOD'],
    [2, 'INTERNAL'],
    [3, 'NOT_FOUND'],
    [4, 'INTERNAL'],
  ]);
  expect(JSON.stringify(sent)).not.toContain('hunter2');
  expect(server.errors.map(({ code }) => code)).toEqual(['LISTENER_FAILED', 'LISTENER_FAILED']);
});

it('[R10] gives traceparent to the handler unchanged', async () => {
  const { server, socket } = await serving({ 'a.trace': (_params, { traceparent }) => traceparent });
  socket.give({ type: 'request', id: 1, method: 'a.trace', traceparent: '00-a-b-01' });
  await server.settle();
  expect(socket.take()).toMatchObject([{ result: '00-a-b-01' }]);
});

it('[R7] aborts its handlers when the connection is lost, and answers nothing on the next one', async () => {
  let aborted = false;
  const { server, socket } = await serving({
    'a.wait': async (_params, { signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      aborted = true;
    },
  });
  socket.give({ type: 'request', id: 5, method: 'a.wait' });
  socket.end(1006);
  await server.clock.advanceAsync(125);
  const next = await server.welcome();
  expect(aborted).toBe(true);
  expect(next.take()).toEqual([]);
  next.give({ type: 'request', id: 1, method: 'b' });
  expect(next.take()).toMatchObject([{ type: 'response', id: 1 }]);
});

it('answers PAYLOAD_TOO_LARGE when a result is larger than the server takes', async () => {
  const server = await createFakeServer({ requests: { 'a.big': () => 'x'.repeat(2_000) } });
  const socket = await server.welcome({}, { maxPayloadBytes: 1_000 });
  socket.give({ type: 'request', id: 1, method: 'a.big' });
  await server.settle();
  expect(socket.take()).toMatchObject([{ id: 1, error: { code: 'PAYLOAD_TOO_LARGE' } }]);
});
