import { chmodSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ClusterHttp } from '../../src/server/cluster-http.ts';
import { createKubeconfigClusters, type KubeconfigClustersOptions } from '../../src/server/kubeconfig-clusters.ts';
import { createKubeconfigConnection, type ClientNode } from '../../src/server/kubeconfig-connection.ts';
import type { ClusterConnection, ClusterDefinition, ClusterSource } from '../../src/server/types.ts';
import { createKubeGateway } from '../../src/server/create-kube-gateway.ts';
import { dataOf, folder, makeCertificates } from './certificates.ts';
import { cleanUp, listen, podsPath, recordingLogger, startApi, startGateway } from './gateway-harness.ts';

/** A kubeconfig (YAML takes JSON) with one context for each name. */
function kubeconfig(entries: Record<string, { cluster?: object; user?: object }>): string {
  const names = Object.entries(entries);
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: names.flatMap(([name, { cluster }]) => (cluster === undefined ? [] : [{ name, cluster }])),
    users: names.flatMap(([name, { user }]) => (user === undefined ? [] : [{ name, user }])),
    contexts: names.map(([name]) => ({ name, context: { cluster: name, user: name } })),
  });
}

async function open(
  paths: readonly string[],
  options: Partial<KubeconfigClustersOptions> = {},
): Promise<ClusterSource & { readonly of: (name: string) => ClusterDefinition }> {
  const source = await createKubeconfigClusters({
    paths,
    orgsOf: () => ['acme'],
    logger: recordingLogger(),
    pollIntervalMs: 100,
    ...options,
  });
  cleanUp(() => {
    source.dispose();
  });
  return Object.assign(source, {
    of(name: string): ClusterDefinition {
      const found = source.clusters.find((definition) => definition.name === name);
      if (found === undefined) throw new Error(`no cluster ${name}`);
      return found;
    },
  });
}

/** Asks a cluster for its pods as the gateway would; what the cluster answered. */
async function ask(connection: ClusterConnection): Promise<{ status: number | undefined; text: string }> {
  const http = new ClusterHttp(connection);
  cleanUp(() => {
    http.dispose();
  });
  const signal = new AbortController().signal;
  const { response, text } = await http.getText(podsPath, { headers: {}, timeoutMs: 5_000, signal });
  return { status: response.statusCode, text };
}

/** A cluster that answers with the headers that it got. */
async function startMirror(): Promise<string> {
  return listen(createHttpServer((request, response) => response.end(JSON.stringify(request.headers))));
}

const headersOf = async (connection: ClusterConnection): Promise<Record<string, string>> =>
  JSON.parse((await ask(connection)).text) as Record<string, string>;

describe('credentials of a kubeconfig', () => {
  it('[P7] bears a token, or a user’s name and password, or impersonates', async () => {
    const server = await startMirror();
    const path = join(folder(), 'config');
    const cluster = { server: `${server}/prefix/` };
    writeFileSync(
      path,
      kubeconfig({
        token: { cluster, user: { token: 'secret' } },
        basic: { cluster, user: { username: 'ada', password: 'pw' } },
        other: { cluster, user: { token: 'secret', as: 'bob' } },
        nobody: { cluster, user: {} },
      }),
    );
    const source = await open([path]);
    expect(await headersOf(source.of('token').connection)).toMatchObject({ authorization: 'Bearer secret' });
    expect(await headersOf(source.of('basic').connection)).toMatchObject({ authorization: `Basic ${btoa('ada:pw')}` });
    expect(await headersOf(source.of('other').connection)).toMatchObject({ 'impersonate-user': 'bob' });
    expect(await headersOf(source.of('nobody').connection)).not.toHaveProperty('authorization');
    const keys = ['token', 'basic', 'other', 'nobody'].map((name) => source.of(name).connection.identityKey);
    expect(new Set(keys).size).toBe(4);
    expect(keys.join()).not.toContain('secret');
  });

  it('[P7] shows a client certificate to a server of its CA alone', async () => {
    const certificates = makeCertificates();
    const one = await startApi();
    await one.api.close();
    const read = (file: string): string => readFileSync(file, 'utf8');
    const tls = {
      key: read(certificates.key('server')),
      cert: read(certificates.cert('server')),
      clientCa: read(certificates.ca),
    };
    const { url } = await one.api.listen({ tls });
    const path = join(folder(), 'config');
    const user = {
      'client-certificate-data': dataOf(certificates.cert('client')),
      'client-key-data': dataOf(certificates.key('client')),
    };
    const filed = { 'client-certificate': certificates.cert('client'), 'client-key': certificates.key('client') };
    writeFileSync(
      path,
      kubeconfig({
        data: { cluster: { server: url, 'certificate-authority-data': dataOf(certificates.ca) }, user },
        files: { cluster: { server: url, 'certificate-authority': certificates.ca }, user: filed },
        blind: { cluster: { server: url, 'insecure-skip-tls-verify': true }, user: {} },
        stranger: { cluster: { server: url }, user },
      }),
    );
    const source = await open([path]);
    for (const name of ['data', 'files', 'blind']) {
      expect((await ask(source.of(name).connection)).status).toBe(200);
    }
    await expect(ask(source.of('stranger').connection)).rejects.toThrow(/certificate/);
  });

  it('[P7] asks an exec plugin once for a crowd, and anew after a refresh', async () => {
    const server = await startMirror();
    const at = folder();
    const count = join(at, 'count');
    const plugin = join(at, 'plugin.sh');
    writeFileSync(
      plugin,
      `#!/bin/sh\necho x >> ${count}\nn=$(wc -l < ${count} | tr -d ' ')\n` +
        `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$n'"}}'\n`,
    );
    chmodSync(plugin, 0o755);
    const path = join(at, 'config');
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, args: [], interactiveMode: 'Never' };
    writeFileSync(path, kubeconfig({ one: { cluster: { server }, user: { exec } } }));
    const { connection } = (await open([path])).of('one');
    const crowd = await Promise.all([1, 2, 3, 4].map(() => headersOf(connection)));
    expect(crowd.map(({ authorization }) => authorization)).toEqual(Array(4).fill('Bearer t1'));
    expect(await headersOf(connection)).toMatchObject({ authorization: 'Bearer t1' });
    expect(await connection.refreshCredentials()).toBe(true);
    expect(await headersOf(connection)).toMatchObject({ authorization: 'Bearer t2' });
  });

  it('[P7] waits for a plugin that hangs no longer than it must, and asks anew', async () => {
    let asked = 0;
    class HangingOnce {
      loadFromOptions(): void {
        // Whatever the options.
      }
      applyToHTTPSOptions(): Promise<void> {
        asked += 1;
        return asked === 1 ? new Promise(() => undefined) : Promise.resolve();
      }
    }
    const logger = recordingLogger();
    const entry = {
      context: { name: 'one', cluster: 'one', user: 'robot' },
      cluster: { name: 'one', server: 'http://127.0.0.1:1', skipTLSVerify: false },
      user: { name: 'robot', exec: {} },
    };
    const clientNode = { KubeConfig: HangingOnce } as unknown as ClientNode;
    const connection = createKubeconfigConnection(entry, clientNode, logger, 30);
    await expect(connection.requestOptions()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(logger.lines).toHaveLength(1);
    await vi.waitFor(() => expect(connection.requestOptions()).resolves.toMatchObject({ headers: {} }));
    expect(asked).toBe(2);
  });

  it('[P7] starts no crowd of plugins that hang, and comes back at once when they end', async () => {
    const dir = folder();
    const [log, gate] = [join(dir, 'log'), join(dir, 'gate')];
    writeFileSync(log, '');
    // A token once the gate is there; until then, or until the folder is gone, it hangs.
    const token = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}';
    const script = `echo started >> ${log}; while [ -e ${log} ] && [ ! -e ${gate} ]; do sleep 0.05; done; echo '${token}'`;
    const entry = {
      context: { name: 'one', cluster: 'one', user: 'robot' },
      cluster: { name: 'one', server: 'https://127.0.0.1:1', skipTLSVerify: true },
      user: { name: 'robot', exec: { command: 'sh', args: ['-c', script] } },
    };
    const clientNode = await import('@kubernetes/client-node');
    const logger = recordingLogger();
    const connection = createKubeconfigConnection(entry, clientNode, logger, 150);
    const started = (): number => readFileSync(log, 'utf8').split('started').length - 1;
    const endsAtMs = performance.now() + 1_400;
    let asked = 0;
    while (performance.now() < endsAtMs) {
      asked += 1;
      await expect(connection.requestOptions()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    // After 150, 300 and 600 ms, and each takes 150 ms.
    expect(asked).toBeGreaterThan(30);
    expect(logger.lines.length).toBeLessThan(5);
    // A process that was begun may come to its first line later.
    await vi.waitFor(() => expect(started()).toBe(logger.lines.length));
    writeFileSync(gate, '');
    const comesBack = () =>
      expect(connection.requestOptions()).resolves.toMatchObject({ headers: { authorization: 'Bearer t' } });
    await vi.waitFor(comesBack);
  });

  it('tells nobody but the log what a failing plugin wrote', async () => {
    const path = join(folder(), 'config');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', 'echo hush >&2; exit 1'],
    };
    writeFileSync(path, kubeconfig({ one: { cluster: { server: 'http://127.0.0.1:1' }, user: { exec } } }));
    const logger = recordingLogger();
    const { connection } = (await open([path], { logger })).of('one');
    await expect(ask(connection)).rejects.toThrow('its credentials could not be had');
    expect(logger.lines.map(({ fields }) => String((fields as { err?: unknown }).err))).toContainEqual(
      expect.stringContaining('hush'),
    );
  });

  it('[P7] bears the id token of OIDC, and refreshes it with the issuer when it has expired', async () => {
    const server = await startMirror();
    const jwt = (exp: number): string =>
      [{ alg: 'none' }, { exp, sub: 'ada' }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.') + '.x';
    const config = {
      'id-token': jwt(Date.now() / 1000 + 600),
      'client-id': 'app',
      'refresh-token': 'r',
      'idp-issuer-url': 'x',
    };
    const path = join(folder(), 'config');
    writeFileSync(
      path,
      kubeconfig({
        fresh: { cluster: { server }, user: { 'auth-provider': { name: 'oidc', config } } },
        expired: {
          cluster: { server },
          user: { 'auth-provider': { name: 'oidc', config: { ...config, 'id-token': jwt(1) } } },
        },
      }),
    );
    const source = await open([path]);
    expect(await headersOf(source.of('fresh').connection)).toMatchObject({
      authorization: `Bearer ${config['id-token']}`,
    });
    // The issuer is asked, and there is none.
    await expect(ask(source.of('expired').connection)).rejects.toThrow('its credentials could not be had');
  });

  it('goes through a proxy-url', async () => {
    const certificates = makeCertificates();
    const one = await startApi();
    await one.api.close();
    const { url } = await one.api.listen({
      tls: {
        key: readFileSync(certificates.key('server'), 'utf8'),
        cert: readFileSync(certificates.cert('server'), 'utf8'),
      },
    });
    const tunnels: string[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request: IncomingMessage, socket) => {
      tunnels.push(request.url ?? '');
      const [host, port] = (request.url ?? '').split(':');
      const upstream = connectTcp(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    const proxyUrl = await listen(proxy);
    const path = join(folder(), 'config');
    const cluster = { server: url, 'certificate-authority': certificates.ca, 'proxy-url': proxyUrl };
    writeFileSync(path, kubeconfig({ one: { cluster, user: { token: 't' } } }));
    expect((await ask((await open([path])).of('one').connection)).status).toBe(200);
    expect(tunnels).toEqual([new URL(url).host]);
  });

  it('is the service account of the pod when no file is named', async () => {
    const server = new URL(await startMirror());
    vi.stubEnv('KUBERNETES_SERVICE_HOST', server.hostname);
    vi.stubEnv('KUBERNETES_SERVICE_PORT', server.port);
    cleanUp(() => vi.unstubAllEnvs());
    const at = folder();
    mkdirSync(join(at, 'var/run/secrets/kubernetes.io/serviceaccount'), { recursive: true });
    writeFileSync(join(at, 'var/run/secrets/kubernetes.io/serviceaccount/token'), 'pod-token\n');
    writeFileSync(join(at, 'var/run/secrets/kubernetes.io/serviceaccount/ca.crt'), '');
    const { KubeConfig } = await import('@kubernetes/client-node');
    class KubeConfigOfPod extends KubeConfig {
      override loadFromCluster(): void {
        super.loadFromCluster(at);
      }
    }
    const source = await open([], { clientNode: { KubeConfig: KubeConfigOfPod } });
    expect(source.clusters.map(({ name }) => name)).toEqual(['in-cluster']);
    const { connection } = source.of('in-cluster');
    expect(connection.server).toBe(`https://${server.host}`);
    expect(await connection.requestOptions()).toMatchObject({ headers: { authorization: 'Bearer pod-token' } });
  });

  it('is nothing when no file is named outside of a cluster', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '');
    cleanUp(() => vi.unstubAllEnvs());
    expect((await open([])).clusters).toEqual([]);
  });
});

describe('kubeconfig files', () => {
  const cluster = { server: 'http://127.0.0.1:1' };

  it('are merged, the earlier file first; orgs and identity are asked by name', async () => {
    const at = folder();
    writeFileSync(join(at, 'a'), kubeconfig({ one: { cluster, user: { token: 'a' } }, two: { cluster, user: {} } }));
    writeFileSync(join(at, 'b'), kubeconfig({ one: { cluster, user: { token: 'b' } }, three: { cluster, user: {} } }));
    const source = await open([join(at, 'a'), join(at, 'missing'), join(at, 'b')], {
      orgsOf: (name) => [`org-of-${name}`],
      identityOf: (name) => (name === 'two' ? 'impersonate' : 'shared'),
    });
    expect(source.clusters.map(({ name, orgs, identity }) => [name, orgs, identity])).toEqual([
      ['one', ['org-of-one'], 'shared'],
      ['two', ['org-of-two'], 'impersonate'],
      ['three', ['org-of-three'], 'shared'],
    ]);
    expect(await source.of('one').connection.requestOptions()).toMatchObject({
      headers: { authorization: 'Bearer a' },
    });
  });

  it('show a context whose cluster or user is missing as a cluster that says so', async () => {
    const path = join(folder(), 'config');
    const text = kubeconfig({ headless: { user: {} }, userless: { cluster }, good: { cluster, user: {} } });
    writeFileSync(path, text);
    const gateway = startGateway((await open([path])).clusters);
    await vi.waitFor(() => {
      const infos = new Map(gateway.gateway.clustersOf({ orgId: 'acme' }).map((info) => [info.name, info]));
      expect(infos.get('headless')).toMatchObject({
        state: 'unreachable',
        message: expect.stringContaining('names the cluster "headless"') as string,
      });
      expect(infos.get('userless')).toMatchObject({
        state: 'unreachable',
        message: expect.stringContaining('names the user "userless"') as string,
      });
    });
  });

  it('[G13] apply without a restart: what stays the same is not touched', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const path = join(folder(), 'config');
    const reachable = { server: one.url };
    writeFileSync(path, kubeconfig({ one: { cluster: reachable, user: { token: 'a' } } }));
    const source = await open([path]);
    const gateway = createKubeGateway({
      clusters: source,
      can: () => true,
      impersonation: () => ({ user: 'x', groups: [] }),
      logger: recordingLogger(),
    });
    cleanUp(() => gateway.dispose());
    const names = (): string[] => gateway.clustersOf({ orgId: 'acme' }).map(({ name }) => name);
    expect(names()).toEqual(['one']);
    const { connection } = source.of('one');

    // As editors do it: written beside, then renamed.
    const two = { cluster, user: {} };
    writeFileSync(`${path}.new`, kubeconfig({ one: { cluster: reachable, user: { token: 'a' } }, two }));
    renameSync(`${path}.new`, path);
    await vi.waitFor(() => expect(names()).toEqual(['one', 'two']));
    expect(source.of('one').connection).toBe(connection);

    writeFileSync(path, kubeconfig({ one: { cluster: reachable, user: { token: 'b' } } }));
    await vi.waitFor(() => expect(names()).toEqual(['one']));
    expect(source.of('one').connection).not.toBe(connection);
    expect(await source.of('one').connection.requestOptions()).toMatchObject({
      headers: { authorization: 'Bearer b' },
    });
    expect(since).toBeDefined();
  });

  it('[G13] keep feeds when a token is replaced, and connections when only organisations change', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const path = join(folder(), 'config');
    const write = (token: string): void => {
      writeFileSync(`${path}.new`, kubeconfig({ one: { cluster: { server: one.url }, user: { token } } }));
      renameSync(`${path}.new`, path);
    };
    write('a');
    let orgs = ['acme'];
    const source = await open([path], { orgsOf: () => orgs });
    const gateway = startGateway([]);
    const follow = (): void => {
      gateway.clusters.replace(source.clusters);
    };
    follow();
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    const { connection } = source.of('one');
    write('b');
    await vi.waitFor(() => expect(source.of('one').connection).not.toBe(connection));
    follow();
    await vi.waitFor(() => expect(one.watches()).toHaveLength(2));
    expect(feed.error).toBeUndefined();

    const renewed = source.of('one').connection;
    orgs = ['acme', 'other'];
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n`);
    await vi.waitFor(() => expect(source.of('one').orgs).toEqual(orgs));
    expect(source.of('one').connection).toBe(renewed);
    follow();
    one.addPod('second');
    await vi.waitFor(() => expect(feed.names).toEqual(['second']));
    expect(one.watches()).toHaveLength(2);
  });

  it('[G13] keep what they said when an edit cannot be read, and log it', async () => {
    const path = join(folder(), 'config');
    const text = kubeconfig({ one: { cluster, user: {} } });
    writeFileSync(path, text);
    const logger = recordingLogger();
    const source = await open([path], { logger });
    const definition = source.of('one');
    for (const broken of ['{"clusters": [', '', 'just text']) {
      const before = logger.lines.length;
      writeFileSync(path, broken);
      await vi.waitFor(() => expect(logger.lines.length).toBeGreaterThan(before));
      expect(logger.lines.at(-1)).toMatchObject({
        level: 'error',
        message: expect.stringContaining('what it said before stays') as string,
      });
      expect(source.of('one')).toBe(definition);
    }
    writeFileSync(path, kubeconfig({ one: { cluster, user: {} }, two: { cluster, user: {} } }));
    await vi.waitFor(() => expect(source.clusters).toHaveLength(2));
    expect(source.of('one')).toBe(definition);
  });

  it('[G13] that vanish take their clusters with them; that come later bring them', async () => {
    const at = folder();
    const path = join(at, 'config');
    const text = kubeconfig({ one: { cluster, user: {} } });
    const source = await open([path]);
    expect(source.clusters).toEqual([]);
    writeFileSync(path, text);
    await vi.waitFor(() => expect(source.clusters).toHaveLength(1));
    unlinkSync(path);
    await vi.waitFor(() => expect(source.clusters).toHaveLength(0));
  });

  it('leave out an entry that cannot be read, and say so', async () => {
    const path = join(folder(), 'config');
    const text = JSON.parse(kubeconfig({ good: { cluster, user: {} } })) as { contexts: object[] };
    text.contexts.push({ name: 'bad', context: {} });
    writeFileSync(path, JSON.stringify(text));
    const logger = recordingLogger();
    const source = await open([path], { logger });
    expect(source.clusters.map(({ name }) => name)).toEqual(['good']);
    expect(logger.lines[0]).toMatchObject({ level: 'error', message: expect.stringContaining('left out') as string });
  });
});
