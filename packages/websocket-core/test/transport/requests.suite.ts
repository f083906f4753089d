import { afterEach, describe, expect, it } from 'vitest';
import { FleetwireError } from '../../src/core/errors.ts';
import type { Harness, MakeHarness } from './harness.ts';

/** Requests and messages: PROTOCOL.md section 5. */
export function requestsSuite(name: string, make: MakeHarness): void {
  describe(`${name}: requests and messages`, () => {
    let harness: Harness;
    afterEach(() => harness.dispose());

    it('[R2] [R8] each request gets one response, in the order in which they are ready', async () => {
      const finish: (() => void)[] = [];
      harness = await make({
        requests: {
          'slow.one': () =>
            new Promise((resolve) => {
              finish.push(() => {
                resolve('slow');
              });
            }),
          'quick.one': () => 'quick',
        },
      });
      const peer = await harness.join();
      const slow = peer.request('slow.one');
      const quick = peer.request('quick.one');
      await harness.until('quick', () => peer.response(quick));
      expect(peer.response(slow)).toBeUndefined();
      finish[0]?.();
      await harness.until('slow', () => peer.response(slow));
      expect(peer.all('response').map((frame) => frame['result'])).toEqual(['quick', 'slow']);
    });

    it.each([
      ['the same', 4],
      ['a smaller', 3],
    ])('[R1] %s id again closes with 1002', async (_what, id) => {
      harness = await make({ requests: { 'a.b': () => 1 } });
      const peer = await harness.join();
      peer.send({ type: 'request', id: 4, method: 'a.b' });
      await harness.until('response', () => peer.response(4));
      peer.send({ type: 'request', id, method: 'a.b' });
      expect((await harness.until('close', () => peer.closed)).code).toBe(1002);
    });

    it('[R3] a cancelled request that stops is answered with CANCELLED, one that finished keeps its result', async () => {
      harness = await make({
        requests: {
          'stops.it': (_params, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                reject(new Error('stopped'));
              });
            }),
          'ends.anyway': async (_params, { signal }) => {
            await new Promise((resolve) => {
              signal.addEventListener('abort', resolve);
            });
            return 'done all the same';
          },
        },
      });
      const peer = await harness.join();
      const stops = peer.request('stops.it');
      const ends = peer.request('ends.anyway');
      for (const id of [stops, ends, 999]) peer.send({ type: 'cancel', id });
      expect(await harness.until('cancelled', () => peer.response(stops))).toMatchObject({
        error: { code: 'CANCELLED' },
      });
      expect(await harness.until('result', () => peer.response(ends))).toMatchObject({ result: 'done all the same' });
      peer.send({ type: 'cancel', id: ends });
      peer.send({ type: 'ping', t: 1 });
      await harness.until('pong', () => peer.find('pong'));
      expect(peer.all('response')).toHaveLength(2);
    });

    it('[R4] a response that nobody waits for is ignored', async () => {
      harness = await make();
      const peer = await harness.join();
      peer.send({ type: 'response', id: 77, result: 1 });
      peer.send({ type: 'ping', t: 1 });
      await harness.until('pong', () => peer.find('pong'));
      expect(peer.frames.map((frame) => frame.type)).toEqual(['welcome', 'pong']);
    });

    it('[R5] failures are told apart and hide what they must', async () => {
      harness = await make({
        requests: {
          'fails.badly': () => {
            throw new Error('secret path');
          },
          'fails.well': () => {
            throw new FleetwireError('CONFLICT', 'it exists already', { details: { name: 'x' } });
          },
          'gives.cycle': () => {
            const cycle: Record<string, unknown> = {};
            cycle['self'] = cycle;
            return cycle;
          },
        },
      });
      const peer = await harness.join();
      const answer = async (method: string): Promise<unknown> => {
        const id = peer.request(method);
        return (await harness.until(method, () => peer.response(id)))['error'];
      };
      expect(await answer('no.such')).toMatchObject({ code: 'UNKNOWN_METHOD', retryable: false });
      expect(await answer('fails.well')).toMatchObject({
        code: 'CONFLICT',
        message: 'it exists already',
        details: { name: 'x' },
      });
      const internal = await answer('fails.badly');
      expect(internal).toMatchObject({ code: 'INTERNAL' });
      expect(JSON.stringify(internal)).not.toContain('secret');
      expect(await answer('gives.cycle')).toMatchObject({ code: 'INTERNAL' });
    });

    it('[R6] requests over the limit are refused and the others answered', async () => {
      let finish: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => {
        finish = resolve;
      });
      harness = await make({ limits: { maxPendingRequests: 3 }, requests: { 'wait.here': () => gate } });
      const peer = await harness.join();
      const ids = [1, 2, 3, 4].map(() => peer.request('wait.here'));
      const last = ids[3] as number;
      expect(await harness.until('refusal', () => peer.response(last))).toMatchObject({
        error: { code: 'TOO_MANY_REQUESTS', retryable: true },
      });
      finish();
      await harness.until('the others', () => peer.all('response').length === 4);
    });

    it('[R8] the server asks too, and gets result, error, or CONNECTION_LOST', async () => {
      harness = await make();
      const peer = await harness.join();
      const [connection] = harness.server.connections({ userId: 'ada' });
      const first = connection?.request('host.info', { full: true });
      const request = await harness.until('request', () => peer.find('request'));
      expect(request).toMatchObject({ method: 'host.info', params: { full: true } });
      peer.send({ type: 'response', id: request['id'], result: { os: 'linux' } });
      await expect(first).resolves.toEqual({ os: 'linux' });

      const second = connection?.request('host.info');
      const again = await harness.until('second', () => peer.all('request')[1]);
      expect(again['id']).toBeGreaterThan(request['id'] as number);
      peer.send({ type: 'response', id: again['id'], error: { code: 'NOT_FOUND', message: 'no', retryable: false } });
      await expect(second).rejects.toMatchObject({ code: 'NOT_FOUND' });

      const third = connection?.request('host.info');
      await harness.until('third', () => peer.all('request')[2]);
      const lost = expect(third).rejects.toMatchObject({ code: 'CONNECTION_LOST', maybeExecuted: true });
      peer.close();
      await harness.until('closed', () => peer.closed);
      await lost;
      await expect(connection?.request('host.info')).rejects.toMatchObject({
        code: 'CONNECTION_LOST',
        maybeExecuted: false,
      });
    });

    it('[R3] [R8] a request of the server that is aborted or late sends cancel', async () => {
      harness = await make();
      const peer = await harness.join();
      const [connection] = harness.server.connections({ userId: 'ada' });
      const abort = new AbortController();
      const aborted = expect(connection?.request('a.b', null, { signal: abort.signal })).rejects.toMatchObject({
        code: 'ABORTED',
      });
      const late = expect(connection?.request('a.b', null, { timeoutMs: 50 })).rejects.toMatchObject({
        code: 'REQUEST_TIMEOUT',
      });
      await harness.until('both sent', () => peer.all('request').length === 2);
      abort.abort();
      await harness.until('both cancelled', () => peer.all('cancel').length === 2);
      await aborted;
      await late;
    });

    it('[R9] messages reach their handler in order; an unknown name and a handler that throws change nothing', async () => {
      const seen: unknown[] = [];
      harness = await make({
        messages: {
          note: (data, connection) => {
            seen.push([data, connection.identity.userId]);
            if (data === 2) throw new Error('handler');
          },
        },
      });
      const peer = await harness.join();
      for (const data of [1, 2, 3]) peer.send({ type: 'message', name: 'note', data });
      peer.send({ type: 'message', name: 'nobody.listens' });
      await harness.until('three', () => seen.length === 3);
      expect(seen).toEqual([
        [1, 'ada'],
        [2, 'ada'],
        [3, 'ada'],
      ]);
      const [connection] = harness.server.connections({ userId: 'ada' });
      expect(connection?.sendMessage('hello.there', { a: 1 })).toBe(true);
      expect(await harness.until('message', () => peer.find('message'))).toEqual({
        type: 'message',
        name: 'hello.there',
        data: { a: 1 },
      });
    });

    it('[R10] traceparent and idempotencyKey reach the handler unchanged', async () => {
      let seen: unknown;
      harness = await make({
        requests: {
          'trace.me': (_params, { traceparent, idempotencyKey }) => {
            seen = { traceparent, idempotencyKey };
          },
        },
      });
      const peer = await harness.join();
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const id = peer.request('trace.me', undefined, { traceparent, idempotencyKey: 'k-1' });
      expect(await harness.until('response', () => peer.response(id))).toMatchObject({ result: null });
      expect(seen).toEqual({ traceparent, idempotencyKey: 'k-1' });
    });

    it('[R11] a server refuses to serve the method names of the protocol', async () => {
      harness = await make();
      await expect(make({ requests: { subscribe: () => 1 } })).rejects.toThrow(/belong to the protocol/);
      await expect(make({ requests: { 'auth.refresh': () => 1 } })).rejects.toThrow(/belong to the protocol/);
    });
  });
}
