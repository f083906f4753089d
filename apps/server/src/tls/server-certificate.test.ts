import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newFolder } from '../testing/new-folder.ts';
import { certificateNames, loadServerCertificate } from './server-certificate.ts';

const dayMs = 24 * 3_600_000;

function setUp(names: readonly string[] = certificateNames('127.0.0.1', [])) {
  const folder = join(newFolder(), 'tls');
  const load = (more: { names?: readonly string[]; now?: () => number } = {}) =>
    loadServerCertificate({ tlsCert: undefined, tlsKey: undefined, folder, names, now: Date.now, ...more });
  return { folder, load };
}

describe("the server's own certificate", () => {
  it('is made with its authority on the first start, and kept', async () => {
    const { folder, load } = setUp();
    const first = await load();
    expect(first.caCert).toBe(readFileSync(join(folder, 'ca.crt'), 'utf8'));
    expect(statSync(join(folder, 'ca.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'server.key')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await load()).toEqual(first);
    const authority = new X509Certificate(first.caCert ?? '');
    expect(authority.ca).toBe(true);
    expect(authority.validToDate.getTime() - Date.now()).toBeGreaterThan(3_650 * dayMs);
  });

  it('is trusted by a client that knows the authority, by each of its names', async () => {
    const { load } = setUp(certificateNames('0.0.0.0', ['fleet.example', '192.0.2.7']));
    const { cert, key, caCert } = await load();
    const server = createServer({ cert, key }, (_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (servername: string | undefined, ca: string | undefined) =>
      new Promise((resolve) => {
        request(
          { host: '127.0.0.1', port, ca, agent: false, ...(servername === undefined ? {} : { servername }) },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        )
          .on('error', (error: NodeJS.ErrnoException) => {
            resolve(error.code);
          })
          .end();
      });
    expect(await ask(undefined, caCert)).toBe(200);
    expect(await ask('localhost', caCert)).toBe(200);
    expect(await ask('fleet.example', caCert)).toBe(200);
    expect(await ask('other.example', caCert)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await ask(undefined, undefined)).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED/);
    expect(new X509Certificate(cert).checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(new X509Certificate(cert).checkIP('::1')).toBeDefined();
    server.close();
  });

  it('is made anew when it is about to expire or has not the names, by the same authority', async () => {
    const { load } = setUp();
    const first = await load();
    const later = await load({ now: () => Date.now() + 340 * dayMs });
    expect(later.cert).not.toBe(first.cert);
    expect(later.caCert).toBe(first.caCert);
    const named = await load({ names: ['localhost', 'fleet.example'], now: () => Date.now() + 340 * dayMs });
    expect(named.caCert).toBe(first.caCert);
    expect(new X509Certificate(named.cert).checkHost('fleet.example')).toBe('fleet.example');
    expect(new X509Certificate(named.cert).verify(new X509Certificate(named.caCert ?? '').publicKey)).toBe(true);
  });

  it('is made anew with its authority when that is about to expire, or a file is damaged', async () => {
    const { folder, load } = setUp();
    const first = await load();
    const renewed = await load({ now: () => Date.now() + 3_640 * dayMs });
    expect(renewed.caCert).not.toBe(first.caCert);
    writeFileSync(join(folder, 'ca.key'), 'cut sh');
    const mended = await load();
    expect(mended.caCert).not.toBe(renewed.caCert);
    expect(new X509Certificate(mended.cert).verify(new X509Certificate(mended.caCert ?? '').publicKey)).toBe(true);
  });
});

describe("the operator's certificate", () => {
  it('is taken from its files, which must fit each other', async () => {
    const { folder, load } = setUp();
    const { cert, key } = await load();
    const [tlsCert, tlsKey] = [join(folder, 'server.crt'), join(folder, 'server.key')];
    const options = { folder: join(folder, 'none'), names: [], now: Date.now };
    expect(await loadServerCertificate({ ...options, tlsCert, tlsKey })).toEqual({ cert, key, caCert: undefined });
    await expect(loadServerCertificate({ ...options, tlsCert, tlsKey: join(folder, 'ca.key') })).rejects.toThrow(
      /ca\.key is not the key of the certificate .*server\.crt/,
    );
    await expect(loadServerCertificate({ ...options, tlsCert: tlsKey, tlsKey })).rejects.toThrow(
      /server\.key: expected a certificate in PEM/,
    );
    await expect(loadServerCertificate({ ...options, tlsCert: '/none', tlsKey })).rejects.toThrow(/--tls-cert: ENOENT/);
  });
});
