import { expect, it } from 'vitest';
import type { AcceptedSocket } from '../core/accepted-socket.ts';
import { createLinkedNetwork, type LinkedUpgrade } from './linked-network.ts';
import { createManualClock } from './manual-clock.ts';

const settle = () => createManualClock().settle();

function createNetwork() {
  const accepted: { socket: AcceptedSocket; upgrade: LinkedUpgrade; closes: number[] }[] = [];
  const network = createLinkedNetwork({
    accept: (socket, upgrade) => {
      const closes: number[] = [];
      socket.handler = {
        onText: () => {},
        onBinary: () => {},
        onPong: () => {},
        onDrain: () => {},
        onClose: (code) => closes.push(code),
      };
      accepted.push({ socket, upgrade, closes });
    },
  });
  return { network, accepted };
}

function watch(client: ReturnType<ReturnType<typeof createNetwork>['network']['openSocket']>): string[] {
  const seen: string[] = [];
  client.onopen = () => seen.push('open');
  client.onerror = () => seen.push('error');
  client.onclose = (event: { code: number }) => seen.push(String(event.code));
  return seen;
}

it('gives each dial to accept, with path and token, before the client opens', async () => {
  const { network, accepted } = createNetwork();
  const bearer = `fleetwire.bearer.${Buffer.from('tök/en').toString('base64url')}`;
  const first = network.openSocket('ws://fleet.test/ws?token=abc', ['fleetwire.v1']);
  const second = network.openSocket('ws://fleet.test/agents', ['fleetwire.v1', bearer]);
  const seen = [watch(first), watch(second)];
  expect(accepted).toEqual([]);
  await settle();
  expect(accepted.map(({ upgrade }) => upgrade)).toEqual([
    { path: '/ws', remoteAddress: '127.0.0.1', token: 'abc', tokenSource: 'query' },
    { path: '/agents', remoteAddress: '127.0.0.1', token: 'tök/en', tokenSource: 'subprotocol' },
  ]);
  expect(seen).toEqual([['open'], ['open']]);
  expect([first.readyState, first.protocol]).toEqual([1, 'fleetwire.v1']);
  expect([network.dials, network.pairs.length]).toEqual([2, 2]);
  expect(network.latest?.client).toBe(second);
});

it('refuses, leaves unanswered and accepts dials as it is told', async () => {
  const { network, accepted } = createNetwork();
  network.mode = 'refuse';
  const refused = watch(network.openSocket('ws://fleet.test/', ['fleetwire.v1']));
  network.mode = 'hang';
  const hanging = network.openSocket('ws://fleet.test/', ['fleetwire.v1']);
  const left = watch(hanging);
  network.mode = 'accept';
  const withoutProtocol = watch(network.openSocket('ws://fleet.test/', []));
  await settle();
  expect([refused, left, withoutProtocol]).toEqual([['error', '1006'], [], ['error', '1006']]);
  hanging.close();
  await settle();
  expect(left).toEqual(['error', '1006']);
  expect(accepted).toEqual([]);
  expect(network.pairs).toEqual([]);
});

it('lets a server see the loss of a client that gave up while it was accepted', async () => {
  const { network, accepted } = createNetwork();
  const client = network.openSocket('ws://fleet.test/', ['fleetwire.v1']);
  const seen = watch(client);
  client.close();
  await settle();
  expect(seen).toEqual(['error', '1006']);
  expect(accepted.map(({ closes }) => closes)).toEqual([[1006]]);
});
