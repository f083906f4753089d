import { describe, expect, it } from 'vitest';
import { add, addMember, ask, list, own, secret, start, startCluster } from '../src/testing/own-clusters.ts';
import { callAs, signIn } from '../src/testing/running.ts';

describe('a kubeconfig that is sent', () => {
  it('becomes clusters for all of its contexts, or for those that are named, all or none', async () => {
    const cluster = await startCluster();
    const { server } = await start();
    const { accessToken } = await signIn(server.url);
    const both = await add(server, accessToken, cluster.kubeconfig('a', 'b'));
    expect(both.map(({ name }) => name)).toEqual(['a', 'b']);
    await add(server, accessToken, cluster.kubeconfig('x', 'team/y', 'z'), [{ context: 'team/y', name: 'c' }]);
    const half = { kubeconfig: cluster.kubeconfig('d', 'a') };
    expect(await callAs(accessToken, 'POST', own(server), half)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', detail: '"a": you have a cluster of this name' },
    });
    const broken = JSON.parse(cluster.kubeconfig('d', 'e')) as { contexts: { context: { user: string } }[] };
    if (broken.contexts[1] !== undefined) broken.contexts[1].context.user = 'nobody';
    expect((await callAs(accessToken, 'POST', own(server), { kubeconfig: JSON.stringify(broken) })).status).toBe(400);
    expect((await list(server, accessToken)).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(await callAs(accessToken, 'PATCH', own(server, both[0]?.id), { name: 'b' })).toMatchObject({ status: 409 });
    const many = Array.from({ length: 18 }, (_, index) => `m${String(index)}`);
    expect(await callAs(accessToken, 'POST', own(server), { kubeconfig: cluster.kubeconfig(...many) })).toMatchObject({
      status: 409,
      body: { detail: 'expected at most 20 clusters: remove one first' },
    });
    await add(server, accessToken, cluster.kubeconfig(...many.slice(1)));
    expect(await list(server, accessToken)).toHaveLength(20);
  });

  it('is refused by name and field when anything is wrong with it', async () => {
    const cluster = await startCluster();
    const { server } = await start();
    const tokens = [
      (await signIn(server.url)).accessToken,
      (await addMember(server, 'anna')).token,
      (await addMember(server, 'bert')).token,
    ];
    const good = cluster.kubeconfig('prod');
    const withUser = (user: object) => good.replace(`{"token":"${secret}"}`, JSON.stringify(user));
    const withCluster = (fields: object) =>
      good.replace('"server":', `${JSON.stringify(fields).slice(1, -1)},"server":`);
    const rows: readonly (readonly [body: unknown, detail: RegExp])[] = [
      [undefined, /the body/],
      [{}, /^kubeconfig: /],
      [{ kubeconfig: '' }, /^kubeconfig: expected 1 to 262144 bytes/],
      [{ kubeconfig: { length: { valueOf: 1 } } }, /^kubeconfig: /],
      [{ kubeconfig: 'x'.repeat(262_145) }, /^kubeconfig: expected 1 to 262144 bytes/],
      [{ kubeconfig: 'ü'.repeat(131_073) }, /^kubeconfig: expected 1 to 262144 bytes/],
      [{ kubeconfig: 'a: [' }, /^kubeconfig: line 1: expected YAML or JSON/],
      [{ kubeconfig: `${good}\n---\n${good}` }, /^kubeconfig: line 2: expected one document/],
      [{ kubeconfig: 'a: &a [1]\nb: [*a, *a]' }, /^kubeconfig: line 2: expected no alias/],
      [{ kubeconfig: 'contexts: []\ncontexts: []' }, /^kubeconfig: line 2: expected each key once/],
      [{ kubeconfig: 'hello' }, /expected a kubeconfig/],
      [{ kubeconfig: 'contexts: []' }, /^contexts: expected at least one/],
      [{ kubeconfig: good, contexts: [] }, /^contexts: expected 1 to 20 contexts/],
      [{ kubeconfig: good, contexts: [{}] }, /^contexts\.0\.context: /],
      [{ kubeconfig: good, contexts: [{ context: 'none' }, { context: 'no' }] }, /got "none"; contexts: .* got "no"$/],
      [{ kubeconfig: good, contexts: [{ context: 'prod' }, { context: 'prod' }] }, /twice/],
      [{ kubeconfig: good, contexts: [{ context: 'prod', name: 'a/b' }] }, /^"a\/b": expected a name without slashes/],
      [{ kubeconfig: good, contexts: [{ context: 'prod', name: '..' }] }, /\.\./],
      [{ kubeconfig: good, contexts: [{ context: 'prod', name: 'a\u0007' }] }, /control characters/],
      [
        { kubeconfig: good, contexts: [{ context: 'prod', name: 'x'.repeat(254) }] },
        /^contexts\.0\.name: expected 1 to 253/,
      ],
      [{ kubeconfig: good.replace('https:', 'http:') }, /"prod".*server: expected an https URL/],
      [{ kubeconfig: withCluster({ 'proxy-url': 'http://p' }) }, /"prod".*proxy-url is not allowed/],
      [{ kubeconfig: withCluster({ 'certificate-authority': '/etc/passwd' }) }, /"prod".*certificate-authority is not/],
      [{ kubeconfig: withUser({ tokenFile: '/etc/passwd' }) }, /"prod".*"u".*tokenFile is not allowed/],
      [{ kubeconfig: withUser({ exec: { command: 'sh' } }) }, /exec is not allowed/],
      [{ kubeconfig: withUser({ 'auth-provider': { name: 'gcp' } }) }, /auth-provider is not allowed/],
      [
        { kubeconfig: withUser({ 'client-key': 'k', 'client-certificate': 'c' }) },
        /client-key.*client-certificate|client-certificate.*client-key/,
      ],
      [{ kubeconfig: withUser({ token: 'x', as: 'admin', 'as-groups': ['g'] }) }, /as is not.*as-groups is not/],
      [{ kubeconfig: withUser({ username: 'x' }) }, /username|password/],
    ];
    for (const [index, [body, detail]] of rows.entries()) {
      const answer = await callAs(tokens[index % tokens.length], 'POST', own(server), body);
      const shown = JSON.stringify(body)?.slice(0, 200);
      expect([shown, answer.status, answer.body]).toEqual([
        shown,
        400,
        expect.objectContaining({ detail: expect.stringMatching(detail) as string }),
      ]);
    }
    for (const token of tokens) expect(await list(server, token)).toEqual([]);
    expect(cluster.api.stats.requests).toEqual([]);
  });

  it('is not taken from a personal token, which may use what is there', async () => {
    const cluster = await startCluster();
    const { server } = await start();
    const anna = await addMember(server, 'anna');
    const [item] = await add(server, anna.token, cluster.kubeconfig('prod'));
    const made = await callAs(anna.token, 'POST', `${server.url}/api/v1/tokens`, { name: 'script' });
    const { token } = made.body as { readonly token: string };
    expect((await callAs(token, 'POST', own(server), { kubeconfig: cluster.kubeconfig('x') })).status).toBe(403);
    expect((await callAs(token, 'PATCH', own(server, item?.id), { name: 'x' })).status).toBe(403);
    expect((await callAs(token, 'DELETE', own(server, item?.id))).status).toBe(403);
    expect(await list(server, token)).toEqual([item]);
    expect((await ask(server, token, 'prod')).status).toBe(200);
  });

  it('is not read again and again', async () => {
    const { server } = await start();
    const { accessToken } = await signIn(server.url);
    const send = () => callAs(accessToken, 'POST', own(server), { kubeconfig: 'hello' });
    for (let count = 0; count < 20; count += 1) expect((await send()).status).toBe(400);
    expect(await send()).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    const other = await addMember(server, 'anna');
    expect((await callAs(other.token, 'POST', own(server), { kubeconfig: 'hello' })).status).toBe(400);
  });

  it('counts for more the longer it is', async () => {
    const { server } = await start();
    const { accessToken } = await signIn(server.url);
    const send = () => callAs(accessToken, 'POST', own(server), { kubeconfig: '['.repeat(256 * 1024) });
    for (let count = 0; count < 4; count += 1)
      expect(await send()).toMatchObject({ status: 400, body: { code: 'INVALID_KUBECONFIG' } });
    expect(await send()).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
  });
});
