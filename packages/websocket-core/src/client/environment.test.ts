import { afterEach, expect, it, vi } from 'vitest';
import { createFakeServer } from '../../test/support/fake-server.ts';
import { watchEnvironment } from './environment.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

function createPage() {
  const target = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
  const page = {
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    document,
  };
  return { page, document, fire: (type: string) => target.dispatchEvent(new Event(type)) };
}

it('[G5] wakes when the network comes back or the page is shown, and not when it is hidden', () => {
  const { page, document, fire } = createPage();
  const calls: string[] = [];
  const undo = watchEnvironment({ onWake: () => calls.push('wake'), onOffline: () => calls.push('offline') }, page);
  fire('online');
  document.dispatchEvent(new Event('visibilitychange'));
  document.visibilityState = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  fire('pageshow');
  fire('offline');
  undo();
  undo();
  fire('online');
  document.dispatchEvent(new Event('visibilitychange'));
  expect(calls).toEqual(['wake', 'wake', 'wake', 'offline']);
});

it('does nothing where there is no page', () => {
  expect(() => {
    watchEnvironment({ onWake: () => {}, onOffline: () => {} }, {})();
  }).not.toThrow();
});

it('[G5] [L3] a wake dials at once out of a back-off and probes an open connection', async () => {
  const { page, fire } = createPage();
  for (const [name, value] of Object.entries(page)) vi.stubGlobal(name, value);
  const server = await createFakeServer();
  for (let attempt = 0; attempt < 6; attempt += 1) {
    server.socket.end(1006);
    if (attempt < 5) await server.clock.advanceAsync(20_000);
    if (server.client.state.status === 'open') throw new Error('unexpected');
  }
  expect(server.client.state.status).toBe('backoff');
  const dials = server.sockets.length;
  fire('online');
  await server.settle();
  expect(server.sockets.length).toBe(dials + 1);
  const socket = await server.welcome();
  fire('online');
  fire('offline');
  expect(socket.take()).toMatchObject([{ type: 'ping' }]);
  await server.clock.advanceAsync(10_000);
  expect(server.client.state).toMatchObject({ status: 'backoff', cause: { code: 4408 } });
  server.client.dispose();
  expect(fire('online')).toBe(true);
  expect(server.clock.pending).toBe(0);
});

it('[G5] a wake waits for the pause that the server asked for, and says so', async () => {
  const { page, fire } = createPage();
  for (const [name, value] of Object.entries(page)) vi.stubGlobal(name, value);
  const server = await createFakeServer();
  const socket = await server.welcome();
  socket.give({ type: 'goaway', code: 'DRAINING', reason: 'restart', retryAfterMs: 60_000 });
  await server.clock.advanceAsync(20_000);
  fire('online');
  await server.settle();
  expect(server.sockets.length).toBe(1);
  expect(server.client.state).toMatchObject({ status: 'backoff', retryAt: server.clock.now() + 40_000 });
  await server.clock.advanceAsync(39_999);
  expect(server.sockets.length).toBe(1);
  await server.clock.advanceAsync(1);
  expect(server.sockets.length).toBe(2);
  server.client.dispose();
});
