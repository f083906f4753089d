import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../src/config/schema.ts';
import { hasPostgres, newPostgresDatabase } from '../src/testing/databases.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { add, addMember, ask, list, names, own, secret, start, startCluster } from '../src/testing/own-clusters.ts';
import { callAs, signIn } from '../src/testing/running.ts';

// What the server keeps of users' clusters, and where it lets itself be sent with it.

describe('the credentials of a cluster', () => {
  it('are nowhere but under the key: not in the database, the logs, the audit and the answers', async () => {
    const cluster = await startCluster();
    const { server, dataDir, log } = await start();
    const anna = await addMember(server, 'anna');
    const answers = [await callAs(anna.token, 'POST', own(server), { kubeconfig: cluster.kubeconfig('prod') })];
    for (const path of ['me/clusters', 'clusters', 'server/events'])
      answers.push(await callAs(anna.token, 'GET', `${server.url}/api/v1/${path}`));
    // What goes wrong is told without them, too.
    for (const kubeconfig of [
      `a: [${secret}`,
      `a: ${secret}\n---\nb: 1`,
      cluster.kubeconfig('prod'),
      cluster.kubeconfig('x').replace(cluster.url, `https://${secret}@127.0.0.1`),
      cluster.kubeconfig('x').replace('"token":', '"tokenFile":'),
      cluster.kubeconfig('x').replace(`"${secret}"`, `"${secret} ${secret}"`),
      cluster.kubeconfig('x').replace('"token":', '"client-key-data":'),
    ]) {
      const answer = await callAs(anna.token, 'POST', own(server), { kubeconfig });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      answers.push(answer);
    }
    await ask(server, anna.token, 'prod');
    cluster.api.faults.add({ kind: 'status', code: 401 }, {});
    answers.push(await ask(server, anna.token, 'prod'));
    await cluster.api.close();
    answers.push(await ask(server, anna.token, 'prod'));
    answers.push(await callAs((await signIn(server.url)).accessToken, 'GET', `${server.url}/api/v1/audit`));
    expect(JSON.stringify(answers)).not.toContain(secret);
    expect(log.join('\n')).not.toContain(secret);
    const encoded = [secret, Buffer.from(secret).toString('base64'), Buffer.from(`"${secret}"`).toString('base64url')];
    const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(dataDir, name)).isFile(),
    );
    expect(files).toContain('fleetwire.db-wal');
    for (const name of files)
      for (const text of encoded)
        expect([name, readFileSync(join(dataDir, name)).includes(text)]).toEqual([name, false]);
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
  });

  describe.each([
    { kind: 'SQLite', isPresent: true, url: () => Promise.resolve(undefined) },
    { kind: 'PostgreSQL', isPresent: hasPostgres, url: newPostgresDatabase },
  ])('on $kind', ({ isPresent, url }) => {
    it.skipIf(!isPresent)('outlive a restart, are unusable without the key, and usable again with it', async () => {
      const cluster = await startCluster();
      const databaseUrl = await url();
      const dataDir = newFolder();
      const restart = async (config: Partial<Config>) => {
        const { server, log } = await start({ databaseUrl, dataDir, ...config });
        const { accessToken } = await signIn(server.url);
        return { server, log, accessToken };
      };
      const first = await restart({});
      const [item] = await add(first.server, first.accessToken, cluster.kubeconfig('prod'));
      expect(first.log.some((line) => line.includes('FLEETWIRE_SECRET_KEY is not set'))).toBe(
        databaseUrl !== undefined,
      );
      await first.server.dispose();

      const second = await restart({});
      expect(await list(second.server, second.accessToken)).toEqual([item]);
      expect((await ask(second.server, second.accessToken, 'prod')).status).toBe(200);
      await second.server.dispose();

      const third = await restart({ secretKey: new Uint8Array(32).fill(1) });
      expect(third.log.some((line) => line.includes('FLEETWIRE_SECRET_KEY is not set'))).toBe(false);
      const [closed] = await list(third.server, third.accessToken);
      expect(closed).toEqual({
        id: item?.id,
        name: 'prod',
        createdAt: expect.any(Number) as number,
        problem: expect.stringMatching(/another key .* \(secretKey, or secret\.key/) as string,
      });
      expect((await ask(third.server, third.accessToken, 'prod')).status).toBeGreaterThanOrEqual(400);
      expect(await names(third.server, third.accessToken)).toEqual(['prod']);
      await third.server.dispose();

      const fourth = await restart({ secretKey: readKey(dataDir) });
      expect((await ask(fourth.server, fourth.accessToken, 'prod')).status).toBe(200);
      await fourth.server.dispose();

      writeFileSync(join(dataDir, 'secret.key'), 'damaged');
      await expect(start({ databaseUrl, dataDir })).rejects.toThrow(/secret\.key is damaged/);
      rmSync(join(dataDir, 'secret.key'));
      const fifth = await restart({});
      expect(await list(fifth.server, fifth.accessToken)).toMatchObject([{ problem: /another key/ }]);
      expect((await callAs(fifth.accessToken, 'DELETE', own(fifth.server, item?.id))).status).toBe(204);
    });
  });
});

function readKey(dataDir: string): Uint8Array {
  return Buffer.from(readFileSync(join(dataDir, 'secret.key'), 'utf8').trim(), 'base64url');
}

describe('the networks that the operator allows', () => {
  it.each([
    [['public'], '127.0.0.1'],
    [['public', 'private'], '127.0.0.1'],
    [['public', 'private'], 'localhost'],
    [['127.0.0.2/32', '::2/128'], 'localhost'],
  ])('being %j, nothing at %s is added, or dialled', async (ownClusterNetworks, host) => {
    const cluster = await startCluster();
    const { server } = await start({ ownClusterNetworks });
    const { accessToken } = await signIn(server.url);
    const kubeconfig = cluster.kubeconfig('prod').replace('127.0.0.1', host);
    expect(await callAs(accessToken, 'POST', own(server), { kubeconfig })).toMatchObject({
      status: 403,
      body: {
        code: 'ADDRESS_NOT_ALLOWED',
        detail: expect.stringMatching(/^"prod": .*\(ownClusterNetworks\)$/) as string,
      },
    });
    expect(cluster.api.stats.requests).toEqual([]);
  });

  it('may change: what was added before is not dialled any more', async () => {
    const cluster = await startCluster();
    const dataDir = newFolder();
    const first = await start({ dataDir });
    const { accessToken } = await signIn(first.server.url);
    await add(first.server, accessToken, cluster.kubeconfig('address'));
    await add(first.server, accessToken, cluster.kubeconfig('name').replace('127.0.0.1', 'localhost'));
    for (const name of ['address', 'name']) expect((await ask(first.server, accessToken, name)).status).toBe(200);
    await first.server.dispose();

    cluster.api.stats.reset();
    const second = await start({ dataDir, ownClusterNetworks: ['public'] });
    const token = (await signIn(second.server.url)).accessToken;
    expect(await list(second.server, token)).toMatchObject([
      { name: 'address', server: cluster.url, problem: /no network that is allowed.*\(ownClusterNetworks\)/ },
      { name: 'name' },
    ]);
    for (const name of ['address', 'name']) {
      const answer = await ask(second.server, token, name);
      expect([name, answer.status >= 500, JSON.stringify(answer.body)]).toEqual([
        name,
        true,
        expect.stringContaining('network') as string,
      ]);
    }
    await second.server.dispose();

    const third = await start({ dataDir, ownClusterNetworks: [] });
    const last = (await signIn(third.server.url)).accessToken;
    const { body } = await callAs(last, 'GET', own(third.server));
    expect(body).toMatchObject({ isEnabled: false, items: [{ problem: /no clusters of their own/ }, {}] });
    expect((await ask(third.server, last, 'address')).status).toBeGreaterThanOrEqual(500);
    expect(await callAs(last, 'POST', own(third.server), { kubeconfig: cluster.kubeconfig('x') })).toMatchObject({
      status: 403,
      body: { code: 'OWN_CLUSTERS_OFF', detail: expect.stringContaining('ownClusterNetworks') as string },
    });
    expect(cluster.api.stats.requests).toEqual([]);
  });
});
