// @vitest-environment jsdom
import { afterEach, expect, it, vi } from 'vitest';
import { FallbackPoller } from './fallback-poller.ts';

afterEach(() => {
  document.head.replaceChildren();
});

interface Setting {
  readonly clientUrl?: string;
  readonly allowInsecureToken?: boolean;
}

/** What one question on a page of http://localhost:3000 came to. */
async function ask(url: string, setting: Setting = {}) {
  const getToken = vi.fn(() => 'secret');
  const asked: (string | null)[] = [];
  const outcome = await new Promise<unknown>((resolve) => {
    const poller = new FallbackPoller({
      url,
      intervalMs: 60_000,
      clientUrl: 'wss://example.test/live',
      getToken,
      fetch: async (_url, init) => {
        asked.push(new Headers(init?.headers).get('authorization'));
        return Response.json('well');
      },
      onJson: (json) => {
        poller.stop();
        resolve(json);
      },
      onError: (error) => {
        poller.stop();
        resolve(error.code);
      },
      ...setting,
    });
    poller.start();
  });
  return { asked, outcome, getToken };
}

it.each(['/api', 'api', 'http://localhost:3000/api', '//localhost:3000/api'])(
  'asks %s with the token: it is of the page itself',
  async (url) => {
    expect(await ask(url)).toMatchObject({ asked: ['Bearer secret'], outcome: 'well' });
  },
);

it.each([
  'https://elsewhere.test/api',
  'http://elsewhere.test/api',
  '//elsewhere.test/api',
  'https://example.test:444/api',
  'https://example.test.elsewhere.test/api',
  'https://example.test@elsewhere.test/api',
  'http://localhost:8080/api',
])('asks %s without the token, which is for another host, and does not get one', async (url) => {
  const { asked, getToken, outcome } = await ask(url);
  expect([asked, outcome]).toEqual([[null], 'well']);
  expect(getToken).not.toHaveBeenCalled();
});

it('sends the token to the host of the client too', async () => {
  expect((await ask('https://example.test/api')).asked).toEqual(['Bearer secret']);
});

it('asks nothing where the token could be read on the way, unless that is allowed', async () => {
  const clientUrl = 'ws://example.test/live';
  const refused = await ask('http://example.test/api', { clientUrl });
  expect([refused.asked, refused.outcome]).toEqual([[], 'INSECURE_URL']);
  expect(refused.getToken).not.toHaveBeenCalled();
  const allowed = await ask('http://example.test/api', { clientUrl, allowInsecureToken: true });
  expect(allowed.asked).toEqual(['Bearer secret']);
});

it('takes a path on the base that the page has set, as fetch does', async () => {
  const base = document.createElement('base');
  base.href = 'https://elsewhere.test/';
  document.head.append(base);
  expect((await ask('/api')).asked).toEqual([null]);
});
