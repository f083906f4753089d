import { expect, it, vi } from 'vitest';
import { sendRequest, type RequestPorts } from './plugins-request.ts';

const session = { token: () => Promise.resolve('token') };
const install = { method: 'POST', path: '/api/v1/plugins', body: { id: 'a:b/c' } } as const;

function portsOf(answers: readonly (Response | Error)[]) {
  const left = [...answers];
  const fetchMock = vi.fn<typeof fetch>(() => {
    const answer = left.shift() ?? new Error('no answer is left');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  let keys = 0;
  const wait = vi.fn(() => Promise.resolve());
  const ports: RequestPorts = { fetch: fetchMock, createKey: () => `key-${String((keys += 1))}`, wait };
  const sentKeys = () => fetchMock.mock.calls.map(([, init]) => new Headers(init?.headers).get('idempotency-key'));
  return { ports, fetchMock, wait, sentKeys };
}

it('a change whose answer was lost is sent again with the same key', async () => {
  const { ports, sentKeys, wait } = portsOf([
    new TypeError('network'),
    Response.json({ operationId: 'o' }, { status: 202 }),
  ]);
  expect(await sendRequest(session, install, ports)).toEqual({ operationId: 'o' });
  expect(sentKeys()).toEqual(['key-1', 'key-1']);
  expect(wait).toHaveBeenCalledTimes(1);
});

it('each change has a key of its own, and a read has none', async () => {
  const { ports, sentKeys } = portsOf([Response.json({}), Response.json({}), Response.json({})]);
  await sendRequest(session, install, ports);
  await sendRequest(session, install, ports);
  await sendRequest(session, { method: 'GET', path: '/api/v1/plugins' }, ports);
  expect(sentKeys()).toEqual(['key-1', 'key-2', null]);
});

it('a refusal is told with its code and words, and is not asked for again', async () => {
  const { ports, fetchMock } = portsOf([Response.json({ code: 'E_PINNED', detail: 'it is pinned' }, { status: 409 })]);
  await expect(sendRequest(session, install, ports)).rejects.toMatchObject({
    code: 'E_PINNED',
    message: 'it is pinned',
  });
  expect(fetchMock).toHaveBeenCalledTimes(1);
});

it('a change that is still under way is asked for until it has an answer', async () => {
  const underWay = () => Response.json({ code: 'CONFLICT', retryAfterMs: 1_000 }, { status: 409 });
  const { ports } = portsOf([underWay(), underWay(), Response.json({ operationId: 'o' })]);
  expect(await sendRequest(session, install, ports)).toEqual({ operationId: 'o' });
});

it('after three attempts the failure is told', async () => {
  const { ports, fetchMock } = portsOf([new TypeError('a'), new TypeError('b'), new TypeError('c')]);
  await expect(sendRequest(session, install, ports)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(fetchMock).toHaveBeenCalledTimes(3);
});

it('what is no JSON of a success is no success', async () => {
  const { ports } = portsOf([new Response('<html>')]);
  const read = sendRequest(session, { method: 'GET', path: '/api/v1/plugins' }, ports);
  await expect(read).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

it('a request that was called off is no failure of the server', async () => {
  const controller = new AbortController();
  controller.abort(new DOMException('gone', 'AbortError'));
  const { ports } = portsOf([new DOMException('gone', 'AbortError')]);
  const read = sendRequest(session, { method: 'GET', path: '/x', signal: controller.signal }, ports);
  await expect(read).rejects.toThrow('gone');
});
