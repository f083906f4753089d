import { expect, test, vi } from 'vitest';
import { createFakeKubeApi } from '../../src/server/index.ts';
import type { ListBody } from './fixtures.ts';
import { podBody, startServer, type TestServer } from './client.ts';

const PODS = '/api/v1/namespaces/default/pods';
const FIRST_START = Date.UTC(2026, 10, 21);

/** A server that was started at a time, with the default resourceVersions of such a start. */
const startAt = (atMs: number) => startServer({ now: () => atMs, firstResourceVersion: atMs });

/** The Status that a watch ends with. */
async function watchFailure(server: TestServer, resourceVersion: string) {
  const watch = await server.watch(`${PODS}?watch=1&resourceVersion=${resourceVersion}`);
  await vi.waitFor(() => {
    expect(watch.ended).toBe(true);
  });
  expect(watch.events.map(({ type }) => type)).toEqual(['ERROR']);
  return watch.events[0]?.object;
}

test('after a restart whatever a client remembers is refused, so that no object of before stays with it', async () => {
  const before = await startAt(FIRST_START);
  for (const name of ['a', 'b', 'c']) await before.call('POST', PODS, { body: podBody(name) });
  const page = await before.call<ListBody>('GET', `${PODS}?limit=1`);
  const { resourceVersion, continue: token = '' } = page.body.metadata;

  const after = await startAt(FIRST_START + 5_000);
  expect(await watchFailure(after, resourceVersion)).toMatchObject({ code: 410, reason: 'Expired' });
  expect(await after.call('GET', `${PODS}?limit=1&continue=${token}`)).toMatchObject({ status: 410 });
  const exact = `${PODS}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`;
  expect(await after.call('GET', exact)).toMatchObject({ status: 410 });
  // "Not older than" asks for no history.
  const list = await after.call<ListBody>('GET', `${PODS}?resourceVersion=${resourceVersion}`);
  expect(list.body.items).toEqual([]);
  expect(Number(list.body.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
});

test('a version from the future is answered 504, for watches and lists alike', async () => {
  const server = await startAt(FIRST_START);
  const later = String(Number(server.api.store.resourceVersion) + 100);
  const tooLarge = { code: 504, reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } };
  expect(await watchFailure(server, later)).toMatchObject(tooLarge);
  expect((await server.call('GET', `${PODS}?resourceVersion=${later}`)).body).toMatchObject(tooLarge);
  expect(await watchFailure(server, '9'.repeat(19))).toMatchObject(tooLarge);
});

test('resourceVersions begin at the time of the start, or where they are told to', async () => {
  const now = () => FIRST_START;
  const [fresh, small] = [createFakeKubeApi({ now }), createFakeKubeApi({ now, firstResourceVersion: 1 })];
  const namespaces = { group: '', version: 'v1', resource: 'namespaces' };
  const firstOf = ({ store }: typeof fresh) => store.get(namespaces, undefined, 'default').metadata.resourceVersion;
  expect(firstOf(fresh)).toBe(String(FIRST_START));
  expect(firstOf(small)).toBe('1');
  for (const firstResourceVersion of [0, 1.5, NaN]) {
    expect(() => createFakeKubeApi({ firstResourceVersion })).toThrow('expected firstResourceVersion');
  }
  await Promise.all([fresh.dispose(), small.dispose()]);
});
