import { expect, it } from 'vitest';
import { createFakeServer } from '../../test/support/fake-server.ts';
import type { TokenReason } from './types.ts';

async function opened(lifeMs: number, getToken?: (reason: TokenReason) => string | undefined | Promise<string>) {
  const reasons: TokenReason[] = [];
  const server = await createFakeServer({
    getToken: ({ reason }) => {
      reasons.push(reason);
      return getToken === undefined ? `token-${String(reasons.length)}` : getToken(reason);
    },
  });
  // The server's clock is far from the client's: only the difference counts.
  const socket = await server.welcome({ sentAt: 5_000_000, tokenExpiresAt: 5_000_000 + lifeMs, heartbeatMs: 1e9 });
  return { server, socket, reasons };
}

it('[A1] refreshes at 80 % of the remaining life on the live connection, again and again', async () => {
  const { server, socket, reasons } = await opened(600_000);
  await server.clock.advanceAsync(479_999);
  expect(socket.take()).toEqual([]);
  await server.clock.advanceAsync(1);
  expect(socket.take()).toEqual([{ type: 'request', id: 1, method: 'auth.refresh', params: { token: 'token-2' } }]);
  socket.give({ type: 'response', id: 1, result: { sentAt: 9_000_000, tokenExpiresAt: 9_300_000 } });
  await server.clock.advanceAsync(240_000);
  expect(socket.take()).toMatchObject([{ id: 2, params: { token: 'token-3' } }]);
  expect(reasons).toEqual(['connect', 'refresh', 'refresh']);
});

it('[A1] leaves a token without an expiry alone', async () => {
  const server = await createFakeServer({ getToken: () => 'token' });
  const socket = await server.welcome({ heartbeatMs: 1e9 });
  await server.clock.advanceAsync(100_000_000);
  expect(socket.take()).toEqual([]);
});

it('[A1] tries again until the grace is over when it cannot refresh, and says why', async () => {
  let isFailing = false;
  const { server, socket, reasons } = await opened(10_000, () => {
    if (isFailing) throw new Error('the login is away');
    return 'token';
  });
  isFailing = true;
  await server.clock.advanceAsync(100_000);
  expect(reasons.length).toBeGreaterThan(4);
  expect(reasons.length).toBeLessThan(12);
  expect(new Set(server.errors.map(({ code }) => code))).toEqual(new Set(['TOKEN_UNAVAILABLE']));
  expect(server.client.state.status).toBe('open');
  expect(socket.take()).toEqual([]);
});

it('[A1] does not hurry when it gets the same token again', async () => {
  const { server, socket } = await opened(10_000, () => 'cached');
  for (let id = 1, elapsedMs = 0; elapsedMs < 35_000; elapsedMs += 100) {
    await server.clock.advanceAsync(100);
    for (const { type } of socket.take()) {
      expect(type).toBe('request');
      socket.give({ type: 'response', id, result: { sentAt: 5_000_000 + elapsedMs, tokenExpiresAt: 5_010_000 } });
      id += 1;
      expect(id).toBeLessThan(12);
    }
  }
});

it('[A1] refreshes when it is told to, and rejects with what the server said', async () => {
  const { server, socket } = await opened(600_000);
  const done = server.client.refreshToken();
  await server.settle();
  socket.take();
  socket.give({ type: 'response', id: 1, result: { sentAt: 1, tokenExpiresAt: 600_001 } });
  await done;
  const refused = server.client.refreshToken();
  await server.settle();
  socket.give({ type: 'response', id: 2, error: { code: 'UNAUTHENTICATED', message: 'no', retryable: false } });
  await expect(refused).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  server.client.dispose();
  await server.client.refreshToken();
});

it('[A1] a refresh that was asked for while connecting goes out once the connection is open', async () => {
  const server = await createFakeServer({ getToken: () => 'token' });
  const done = server.client.refreshToken();
  const socket = await server.welcome();
  expect(socket.take()).toMatchObject([{ method: 'auth.refresh' }]);
  socket.give({ type: 'response', id: 1, result: { sentAt: 1 } });
  await done;
});

it('gives up a token that hangs when the attempt times out, and tells getToken by its signal', async () => {
  const signals: AbortSignal[] = [];
  const server = await createFakeServer({
    getToken: ({ signal }) => {
      signals.push(signal);
      return new Promise<string>(() => {});
    },
  });
  await server.clock.advanceAsync(15_000);
  expect(server.client.state.status).toBe('backoff');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(server.errors).toEqual([]);
  await server.clock.advanceAsync(125);
  expect(signals.length).toBe(2);
});
