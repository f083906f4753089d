import { FleetwireError } from '@fleetwire/websocket-core';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataOf, folder, makeCertificates, openssl } from '../../test/gateway/certificates.ts';
import { readSelfContainedContext } from './self-contained-context.ts';
import { parseSelfContainedKubeconfig } from './self-contained-kubeconfig.ts';

type Fields = Record<string, unknown>;

const server = 'https://cluster.example:6443';
const longName = 'x'.repeat(254);
/** Short enough, but for the three bytes of each character in a URL. */
const encodedLong = '€'.repeat(200);
const data = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with the one context `prod`. */
function config(cluster: Fields = {}, user: Fields = {}, context: Fields = {}): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'prod',
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u', ...context } }],
  };
}

function failureOf(document: unknown): string {
  try {
    parseSelfContainedKubeconfig(document);
  } catch (error) {
    expect(error).toBeInstanceOf(FleetwireError);
    expect(error).toMatchObject({ code: 'INVALID_KUBECONFIG', retryable: false });
    return (error as Error).message;
  }
  throw new Error('expected a refusal');
}

describe('a self-contained kubeconfig', () => {
  it('[O1] gives each context with what it needs, and leaves out the rest', () => {
    const certificates = makeCertificates();
    const ca = dataOf(certificates.ca);
    const cert = dataOf(certificates.cert('client'));
    const key = dataOf(certificates.key('client'));
    const document = {
      clusters: [
        { name: 'c', cluster: { server: `${server}/k8s/`, 'certificate-authority-data': ca, extensions: [{}] } },
        { name: 'blind', cluster: { server: 'https://10.0.0.1/a@b', 'insecure-skip-tls-verify': true } },
      ],
      users: [
        { name: 'u', user: { token: 'secret', tokenFile: '', exec: null, 'as-groups': [], 'auth-provider': null } },
        { name: 'cert', user: { 'client-certificate-data': cert, 'client-key-data': key } },
        { name: 'basic', user: { username: 'ada', password: 'p:w' } },
        { name: 'unused', user: { exec: { command: 'rm' } } },
      ],
      contexts: [
        { name: 'token', context: { cluster: 'c', user: 'u', namespace: 'team-a' } },
        { name: 'arn:aws:eks:eu:1:cluster/x', context: { cluster: 'blind', user: 'cert' } },
        { name: 'basic', context: { cluster: 'blind', user: 'basic' } },
        { name: 'anonymous', context: { cluster: 'blind', user: '' } },
      ],
    };
    const contexts = parseSelfContainedKubeconfig(document);
    const blind = { server: 'https://10.0.0.1/a@b', insecureSkipTlsVerify: true };
    expect(contexts).toEqual([
      {
        name: 'token',
        server: `${server}/k8s`,
        certificateAuthorityData: expect.any(String) as string,
        namespace: 'team-a',
        token: 'secret',
      },
      {
        name: 'arn:aws:eks:eu:1:cluster/x',
        ...blind,
        clientCertificateData: expect.any(String) as string,
        clientKeyData: expect.any(String) as string,
      },
      { name: 'basic', ...blind, username: 'ada', password: 'p:w' },
      { name: 'anonymous', ...blind },
    ]);
    expect(Buffer.from(contexts[0]?.certificateAuthorityData ?? '', 'base64').toString()).toBe(
      readFileSync(certificates.ca, 'utf8'),
    );
    // What was stored is checked again, and stays what it is.
    const stored = JSON.parse(JSON.stringify(contexts)) as unknown[];
    expect(stored.map(readSelfContainedContext)).toEqual(contexts);
  });

  it.each([
    [
      { 'certificate-authority': '/etc/ca.crt' },
      {},
      'clusters "c": certificate-authority is not allowed: it names a file',
    ],
    [{ 'proxy-url': 'http://proxy' }, {}, 'clusters "c": proxy-url is not allowed'],
    [{}, { 'client-certificate': '/x' }, 'users "u": client-certificate is not allowed: it names a file'],
    [{}, { 'client-key': '/x' }, 'users "u": client-key is not allowed: it names a file'],
    [{}, { tokenFile: '/var/run/secrets/token' }, 'users "u": tokenFile is not allowed: it names a file'],
    [{}, { exec: { command: 'aws' } }, 'users "u": exec is not allowed: it names a program'],
    [{}, { 'auth-provider': { name: 'gcp' } }, 'users "u": auth-provider is not allowed'],
    [{}, { as: 'root' }, 'users "u": as is not allowed: requests run as the user of the credentials'],
    [{}, { 'as-groups': ['system:masters'] }, 'users "u": as-groups is not allowed'],
    [{}, { 'as-uid': '0' }, 'users "u": as-uid is not allowed'],
    [{}, { 'as-user-extra': { a: ['b'] } }, 'users "u": as-user-extra is not allowed'],
  ])('[O1] refuses %j %j by name and context', (cluster, user, message) => {
    const failure = failureOf(config(cluster, { token: 'secret', ...user }));
    expect(failure).toContain(`contexts[0] "prod": ${message}`);
    expect(failure).toContain('kubectl config view --flatten --minify');
  });

  it.each([
    [{ server: undefined }, 'server: expected an https URL without user, query and fragment, got nothing'],
    [{ server: 'http://cluster.example' }, 'got one of http:'],
    [{ server: 'unix:///run/docker.sock' }, 'got one of unix:'],
    [{ server: 'cluster.example:6443' }, 'got one of cluster.example:'],
    [{ server: '10.0.0.1:6443' }, 'got a text that is no URL'],
    [{ server: 'https://ada:hunter2@cluster.example' }, 'got one with a user'],
    [{ server: 'https://@cluster.example' }, 'got one with a user'],
    [{ server: 'https:hunter2@cluster.example' }, 'got one with a user'],
    [{ server: 'https:////hunter2:x@cluster.example/a' }, 'got one with a user'],
    [{ server: 'https://cluster.example/?token=hunter2' }, 'got one with a query or a fragment'],
    [{ server: 'https://cluster.example/?' }, 'got one with a query or a fragment'],
    [{ server: 'https://cluster.example/#' }, 'got one with a query or a fragment'],
    [{ server: 'https://cluster.example\\@evil.example' }, 'got a text that is no URL'],
    [{ server: 'https://cluster\n.example' }, 'got a text that is no URL'],
    [{ server: 'https://' }, 'got a text that is no URL'],
    [{ server: 'https://1.2.3.4.5' }, 'got a text that is no URL'],
    [{ server: [server] }, 'server: expected an https URL without user, query and fragment, got a list'],
    [{ 'tls-server-name': 'a b' }, 'tls-server-name: expected a DNS name'],
    [{ 'tls-server-name': '10.0.0.1' }, 'tls-server-name: expected a DNS name'],
    [{ 'insecure-skip-tls-verify': 'true' }, 'insecure-skip-tls-verify: expected true or false, got a text'],
    [{ 'certificate-authority-data': '!!!hunter2' }, 'certificate-authority-data: expected base64 of PEM'],
    [{ 'certificate-authority-data': data('hunter2') }, 'expected base64 of PEM, got base64 of something else'],
    [
      { 'certificate-authority-data': data('-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----') },
      'got a certificate at place 1 that cannot be read',
    ],
    [{ 'certificate-authority-data': data('-----BEGIN PRIVATE KEY-----') }, 'got PEM without one'],
    [{ 'certificate-authority-data': { length: 5 } }, 'expected base64 of PEM, got an object'],
  ])('[O1] refuses the cluster %j', (cluster, message) => {
    const failure = failureOf(config(cluster, { token: 'secret' }));
    expect(failure).toContain('contexts[0] "prod": clusters "c": ');
    expect(failure).toContain(message);
    expect(failure).not.toContain('hunter2');
  });

  it.each([
    [{ token: 'hunter2\r\nX-Evil: 1' }, 'token: expected visible ASCII characters without spaces'],
    [{ token: 'hunter2 ' }, 'token: expected visible ASCII'],
    [{ token: 'hünter2' }, 'token: expected visible ASCII'],
    [{ token: 12345 }, 'token: expected visible ASCII characters without spaces, got a number'],
    [{ username: 'ada' }, 'password: expected a user name and its password together, got one of them'],
    [{ password: 'hunter2' }, 'username: expected a user name and its password together'],
    [{ username: 'a:b', password: 'hunter2' }, 'username: expected a name without colons'],
    [{ username: 'ada', password: 'hunter2\n' }, 'password: expected a text without control characters'],
    [{ username: 'ada', password: 'hunter2', token: 'hunter2' }, 'token: expected a token or a user name'],
  ])('[O1] refuses the user %j, and shows no value', (user, message) => {
    const failure = failureOf(config({}, user));
    expect(failure).toContain(`contexts[0] "prod": users "u": ${message}`);
    expect(failure).not.toMatch(/hunter2|hünter2|12345/);
  });

  it('[O1] refuses certificates and keys that do not belong together or cannot be used', () => {
    const certificates = makeCertificates();
    const at = folder();
    openssl('ec', '-in', certificates.key('client'), '-aes128', '-passout', 'pass:x', '-out', join(at, 'locked.key'));
    const weak = ['-subj', '/CN=weak', '-keyout', join(at, 'weak.key'), '-out', join(at, 'weak.crt')];
    openssl('req', '-x509', '-newkey', 'rsa:512', '-nodes', ...weak);
    const cert = dataOf(certificates.cert('client'));
    const key = dataOf(certificates.key('client'));
    const user = (certificate: string | undefined, privateKey: string | undefined): string =>
      failureOf(config({}, { 'client-certificate-data': certificate, 'client-key-data': privateKey }));
    expect(user(cert, dataOf(certificates.key('server')))).toContain('client-key-data: expected the key of the client');
    expect(user(cert, undefined)).toContain('client-key-data: expected a client certificate and its key together');
    expect(user(undefined, key)).toContain('client-certificate-data: expected a client certificate and its key');
    expect(user(cert, data('-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----'))).toContain('cannot be read');
    expect(user(cert, dataOf(join(at, 'locked.key')))).toContain('without a passphrase, got an encrypted one');
    expect(user(dataOf(join(at, 'weak.crt')), dataOf(join(at, 'weak.key')))).toContain('that TLS takes, got ERR_SSL_');
    const both = { 'certificate-authority-data': dataOf(certificates.ca), 'insecure-skip-tls-verify': true };
    expect(failureOf(config(both))).toContain(
      'clusters "c": insecure-skip-tls-verify: expected false beside a certificate authority, got true',
    );
  });

  it('[O1] takes the keys and bundles that tools write', () => {
    const certificates = makeCertificates();
    const at = folder();
    const rsa = ['-subj', '/CN=rsa', '-keyout', join(at, 'rsa.key'), '-out', join(at, 'rsa.crt')];
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...rsa);
    openssl('rsa', '-in', join(at, 'rsa.key'), '-traditional', '-out', join(at, 'old.key'));
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-out', join(at, 'ec.key'));
    openssl('req', '-x509', '-key', join(at, 'ec.key'), '-subj', '/CN=ec', '-out', join(at, 'ec.crt'));
    const bundle = `# one\r\n${readFileSync(certificates.ca, 'utf8')}two\n${readFileSync(join(at, 'rsa.crt'), 'utf8')}`;
    writeFileSync(join(at, 'bundle'), bundle);
    const folded = dataOf(join(at, 'bundle')).replace(/.{76}/g, '$&\n');
    for (const [crt, key] of [
      ['rsa.crt', 'old.key'],
      ['ec.crt', 'ec.key'],
    ] as const) {
      const user = { 'client-certificate-data': dataOf(join(at, crt)), 'client-key-data': dataOf(join(at, key)) };
      const [context] = parseSelfContainedKubeconfig(config({ 'certificate-authority-data': folded }, user));
      const ca = Buffer.from(context?.certificateAuthorityData ?? '', 'base64').toString();
      expect(ca.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    }
  });

  it('[O1] names every context that is wrong, and where', () => {
    const context = (name: unknown, more: Fields = {}): Fields => ({
      name,
      context: { cluster: 'c', user: 'u', ...more },
    });
    const document = {
      clusters: [
        { name: 'c', cluster: { server } },
        { name: 'twice', cluster: { server } },
        { name: 'twice', cluster: { server } },
        { name: 'list', cluster: [] },
        { name: 'bare' },
        'no object',
      ],
      users: [{ name: 'u', user: {} }],
      contexts: [
        context('good'),
        context('good'),
        context('a', { cluster: 'missing' }),
        context('b', { user: 'missing' }),
        context('c', { cluster: 'twice' }),
        context('d', { cluster: 'list' }),
        context('e', { cluster: 'bare' }),
        context('f', { namespace: 'No_Name' }),
        context('g', { cluster: 5 }),
        { name: 'h' },
        'text',
        context(''),
        context(7),
      ],
    };
    const lines = failureOf(document).split('\n');
    expect(lines).toEqual([
      'contexts[1] "good": expected different names, got this one twice',
      'contexts[2] "a": cluster: expected the name of one of clusters, got "missing"',
      'contexts[3] "b": user: expected the name of one of users, got "missing"',
      'contexts[4] "c": clusters "twice": expected different names, got this one twice',
      'contexts[5] "d": clusters "list": cluster: expected an object',
      'contexts[6] "e": clusters "bare": server: expected an https URL without user, query and fragment, got nothing',
      expect.stringMatching(/^contexts\[7\] "f": namespace: expected the name of a namespace, got a text/) as string,
      'contexts[8] "g": cluster: expected a name, got a number',
      'contexts[9] "h": context: expected an object, got nothing',
      'contexts[10]: expected an object, got a text of 4 characters',
      expect.stringMatching(/^contexts\[11\] "": name: expected a name/) as string,
      expect.stringMatching(/^contexts\[12\]: name: expected a name .*, got a number$/) as string,
    ]);
  });

  it.each(['.', '..', ' a', 'a ', 'a\nb', 'a\u202eb', 'a\u2028b', '\ud800', longName, encodedLong])(
    '[O1] refuses the name %#, which no URL or page could show',
    (name) => {
      const document = config() as { contexts: Fields[] };
      document.contexts = [{ ...document.contexts[0], name }];
      expect(failureOf(document)).toContain('name: expected a name without control characters');
    },
  );

  it.each([
    [undefined, 'expected a kubeconfig, got nothing'],
    [null, 'expected a kubeconfig, got nothing'],
    ['text', 'expected a kubeconfig, got a text of 4 characters'],
    [[config()], 'expected a kubeconfig, got a list'],
    [{}, 'contexts: expected at least one, got none'],
    [{ contexts: null }, 'contexts: expected at least one, got none'],
    [{ contexts: { length: 1 } }, 'contexts: expected a list, got an object'],
    [{ ...(config() as Fields), clusters: { c: {} } }, 'clusters: expected a list, got an object'],
    [{ contexts: Array.from({ length: 101 }, () => ({})) }, 'contexts: expected at most 100, got 101'],
    [{ ...(config() as Fields), users: new Array(1_001) }, 'users: expected at most 1000, got 1001'],
  ])('[O1] refuses the document %#', (document, message) => {
    expect(failureOf(document)).toBe(message);
  });

  it('[O1] takes nothing that every object has for what a file says', () => {
    const named = (name: string): unknown => ({
      clusters: [{ name, cluster: { server } }],
      users: [{ name, user: JSON.parse('{"__proto__": {"token": "secret"}, "constructor": {}}') as Fields }],
      contexts: [{ name, context: { cluster: name, user: name } }],
    });
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(parseSelfContainedKubeconfig(named(name))).toEqual([{ name, server }]);
    }
    const inherited = Object.create({ contexts: [{ name: 'x' }] }) as object;
    expect(failureOf(inherited)).toBe('contexts: expected at least one, got none');
    expect(failureOf(config({}, {}, { cluster: '__proto__' }))).toContain('got "__proto__"');
  });

  it.each([
    ['server', config({ server: `https://${'x'.repeat(3_000)}` }), 'at most 2000 characters'],
    ['token', config({}, { token: 'x'.repeat(20_000) }), 'at most 16384 characters'],
    ['password', config({}, { username: 'ada', password: 'x'.repeat(2_000) }), 'at most 1000 characters'],
    ['CA', config({ 'certificate-authority-data': 'x'.repeat(1_000_000) }), 'at most 524288 characters'],
    ['namespace', config({}, {}, { namespace: 'x'.repeat(64) }), 'at most 63 characters'],
  ])('[O1] refuses a %s that is too long', (_what, document, message) => {
    expect(failureOf(document)).toContain(message);
  });

  it('[O1] keeps its message short, whatever is wrong', () => {
    const name = 'n'.repeat(20_000);
    const contexts = Array.from({ length: 100 }, (_, index) => ({ name: `${String(index)}${name}`, context: {} }));
    const failure = failureOf({ contexts, clusters: [], users: [] });
    expect(failure).toContain('and 80 more');
    expect(failure.length).toBeLessThan(6_000);
    const user = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`as-${String(index)}\n${name}`, 'x']));
    expect(failureOf(config({}, user)).length).toBeLessThan(12_000);
  });
});

describe('a stored context', () => {
  it.each([
    [undefined, 'expected a context, got nothing'],
    [[], 'name: expected a name'],
    [{ name: 'a', server: 'http://x' }, 'server: expected an https URL'],
    [{ name: 'a', server, token: 'a b' }, 'token: expected visible ASCII'],
    [{ name: 'a', server, username: 'ada' }, 'password: expected a user name and its password together'],
  ])('[O1] is refused when it is %j', (value, message) => {
    expect(() => readSelfContainedContext(value)).toThrow(expect.objectContaining({ code: 'INVALID_KUBECONFIG' }));
    expect(() => readSelfContainedContext(value)).toThrow(message);
  });

  it('[O1] brings no field that is not known', () => {
    expect(readSelfContainedContext({ name: 'a', server, exec: {}, token: null })).toEqual({ name: 'a', server });
  });
});
