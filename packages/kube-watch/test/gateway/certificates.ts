import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanUp } from './gateway-harness.ts';

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  cleanUp(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

export interface TestCertificates {
  readonly ca: string;
  readonly cert: (name: 'server' | 'client') => string;
  readonly key: (name: 'server' | 'client') => string;
}

/** A program of the machine, which no package brings. */
const certificateTool = 'openssl';

export function openssl(...args: string[]): void {
  execFileSync(certificateTool, args, { stdio: 'ignore' });
}

/** A CA, a server's certificate for 127.0.0.1 and the names, and a client's, as PEM files. */
export function makeCertificates(...names: readonly string[]): TestCertificates {
  const at = folder();
  const file = (name: string): string => join(at, name);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = ['-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/CN=test-ca', '-days', '2'];
  openssl('req', '-x509', ...curve, ...ca);
  writeFileSync(file('server.ext'), `subjectAltName=IP:127.0.0.1${names.map((name) => `,DNS:${name}`).join('')}`);
  writeFileSync(file('client.ext'), 'extendedKeyUsage=clientAuth');
  for (const name of ['server', 'client']) {
    const [key, csr, cert] = [file(`${name}.key`), file(`${name}.csr`), file(`${name}.crt`)];
    openssl('req', ...curve, '-keyout', key, '-out', csr, '-subj', `/O=crew/CN=${name}`);
    const signing = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', csr, ...signing, '-out', cert, '-extfile', file(`${name}.ext`));
  }
  return { ca: file('ca.crt'), cert: (name) => file(`${name}.crt`), key: (name) => file(`${name}.key`) };
}

/** A file as kubeconfigs hold it. */
export function dataOf(path: string): string {
  return readFileSync(path).toString('base64');
}
