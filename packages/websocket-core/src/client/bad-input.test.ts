import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFakeServer } from '../../test/support/fake-server.ts';
import { acceptingPeerSchemas } from '../protocol/schemas.ts';

const types = [...Object.keys(acceptingPeerSchemas), 'later', 'constructor', '__proto__'];
const smallInt = fc.integer({ min: -1, max: 4 });
const items = fc.array(
  fc.record({ key: fc.constantFrom('a', '__proto__', ''), version: smallInt, value: fc.jsonValue() }),
);

/** Frames that are nearly right: each field often has its type, and seldom its meaning. */
const nearFrame = fc.record(
  {
    type: fc.constantFrom(...types),
    id: smallInt,
    ch: smallInt,
    t: fc.double(),
    method: fc.constantFrom('a.fine', 'a.throws', 'subscribe', ''),
    params: fc.jsonValue(),
    result: fc.oneof(
      fc.jsonValue(),
      fc.record({
        items: fc.array(fc.record({ ch: smallInt, mode: fc.constantFrom('live', 'snapshot', 'recovered', 'x') })),
      }),
    ),
    error: fc.record({
      code: fc.constantFrom('INTERNAL', 'LAGGED', 'NEW_CODE', ''),
      message: fc.string(),
      retryable: fc.boolean(),
    }),
    name: fc.string(),
    code: fc.constantFrom('LAGGED', 'ENDED', 'SCOPE_CHANGED', ''),
    message: fc.string(),
    reason: fc.string(),
    retryable: fc.boolean(),
    retryAfterMs: fc.integer({ min: -1, max: 5_000 }),
    items,
    set: items,
    del: fc.array(fc.record({ key: fc.string(), version: smallInt })),
    more: fc.boolean(),
    position: fc.string(),
    dropped: smallInt,
    kind: fc.string(),
    connectionId: fc.string(),
  },
  { requiredKeys: ['type'] },
);

const anyMessage = fc.oneof(
  { weight: 20, arbitrary: nearFrame.map((frame) => JSON.stringify(frame)) },
  { weight: 1, arbitrary: fc.string() },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes) => new Uint8Array(bytes).buffer) },
);

it('[M2] [M5] [M6] [M9] no message of a server throws, leaves a promise open, or keeps a timer after dispose', async () => {
  let open = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyMessage, { minLength: 1, maxLength: 30 }), async (messages) => {
      const server = await createFakeServer({
        requests: {
          'a.fine': (params) => params,
          'a.throws': () => {
            throw new Error('mine');
          },
        },
      });
      const socket = await server.welcome();
      const subscription = server.client.subscribe('vms', { onItems: () => {}, onPublication: () => {} });
      const call = server.client.request('a.b').then(
        () => 'settled',
        () => 'settled',
      );
      await server.settle();
      for (const message of messages) if (socket.onmessage !== null) socket.give(message);
      await server.settle();
      const { state } = server.client;
      if (state.status === 'closed') expect([1002, 1007]).toContain(state.code);
      if (state.status === 'open') open += 1;
      expect(['pending', 'live', 'failed']).toContain(subscription.state.status);
      server.client.dispose();
      expect(await call).toBe('settled');
      await server.settle();
      expect(server.clock.pending).toBe(0);
    }),
    { numRuns: 300 },
  );
  // A check that every run closed at its first message would show nothing.
  expect(open).toBeGreaterThan(20);
});

it('closes with 1008 on a server that asks for more answers than can be sent', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  for (let id = 1; id <= 1_200 && socket.onmessage !== null; id += 1) {
    socket.give({ type: 'request', id, method: 'a.a' });
  }
  expect(server.client.state).toMatchObject({ status: 'closed', code: 1008 });
});

it('drops answers that the server can do without when too many wait', async () => {
  const server = await createFakeServer();
  const socket = await server.welcome();
  for (let index = 0; index < 5_000; index += 1) socket.give({ type: 'ping', t: index });
  await server.clock.advanceAsync(100_000);
  expect(socket.take().filter(({ type }) => type === 'pong').length).toBeLessThanOrEqual(1_000 + 100);
  expect(server.client.state.status).not.toBe('closed');
});
