import { expect, it } from 'vitest';
import { createClient } from '../src/client/create-client.ts';
import { createServer } from '../src/server/create-server.ts';
import { createLinkedNetwork } from '../src/testing/linked-network.ts';
import { createManualClock } from '../src/testing/manual-clock.ts';

it.each([0, 0.5, 0.999])(
  '[L2] a half-open linked socket is cut within 35 s, with %d of the heartbeat before the first ping',
  async (random) => {
    const clock = createManualClock();
    const authenticate = () => ({ identity: { userId: 'u-1', orgId: 'o-1' } });
    const server = createServer({ clock, random: () => random, authenticate });
    const network = createLinkedNetwork({ accept: (socket, upgrade) => void server.accept(socket, upgrade) });
    const client = createClient({
      url: 'ws://localhost/ws',
      openSocket: network.openSocket,
      clock,
      random: () => 0.999,
    });
    for (let turn = 0; client.state.status !== 'open' && turn < 20; turn += 1) await clock.settle();
    expect(client.state.status).toBe('open');

    network.latest?.halfOpen();
    // The sweep looks once a second.
    await clock.advanceAsync(36_000);
    expect(server.stats().closes).toEqual({ PEER_TIMEOUT: 1 });

    client.dispose();
    await server.dispose();
  },
);
