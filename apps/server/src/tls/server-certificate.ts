import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createAuthority, issueCertificate, type KeyedCertificate } from './authority.ts';

/** The certificate for TLS cannot be used; the message says which file and why. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/** What the server shows to TLS clients. */
export interface ServerCertificate extends KeyedCertificate {
  /** The authority that clients must know for it; undefined where the operator brought the certificate. */
  readonly caCert: string | undefined;
}

/** A certificate is made anew when it holds for less than this: a server that runs for a year must not end in alarm. */
const renewBeforeMs = 30 * 24 * 3_600_000;

/** Where the certificate comes from. */
export interface CertificateOptions {
  /** The operator's files; both or none. */
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** Folder of the server's own authority. */
  readonly folder: string;
  /** Names and addresses that clients call the server by. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Names and addresses that a server on `host` goes by. */
export function certificateNames(host: string, allowedHosts: readonly string[]): string[] {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  return [...new Set(['localhost', '127.0.0.1', '::1', ...(isEverywhere ? [] : [host]), ...allowedHosts])];
}

/**
 * Reads the operator's certificate, or the server's own. That is made with its authority when there is none, and anew when
 * it is about to expire or does not have the names. Throws a {@link CertificateError}.
 */
export async function loadServerCertificate(options: CertificateOptions): Promise<ServerCertificate> {
  const { tlsCert, tlsKey, folder, names, now } = options;
  if (tlsCert !== undefined && tlsKey !== undefined) {
    const own = { cert: read(tlsCert, '--tls-cert'), key: read(tlsKey, '--tls-key') };
    checkPair(own, tlsCert, tlsKey);
    return { ...own, caCert: undefined };
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await keep(
    folder,
    'ca',
    (present) => isCurrent(present, now()),
    () => createAuthority(now()),
  );
  const server = await keep(
    folder,
    'server',
    (present) => isCurrent(present, now()) && isFor(present, names) && isIssuedBy(present, authority),
    () => issueCertificate(authority, names, now()),
  );
  return { ...server, caCert: authority.cert };
}

/** What a pair of files holds while it will do, else what `make` makes, written to them. */
async function keep(
  folder: string,
  name: string,
  willDo: (present: KeyedCertificate) => boolean,
  make: () => Promise<KeyedCertificate>,
): Promise<KeyedCertificate> {
  const [certPath, keyPath] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const present = readPair(certPath, keyPath);
  if (present !== undefined && willDo(present)) return present;
  const made = await make();
  replaceFile(keyPath, made.key, 0o600);
  replaceFile(certPath, made.cert, 0o644);
  return made;
}

function readPair(certPath: string, keyPath: string): KeyedCertificate | undefined {
  try {
    const pair = { cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') };
    return new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key)) ? pair : undefined;
  } catch {
    // Missing, cut short by a crash, or of each other's making no more: made anew.
    return undefined;
  }
}

function isCurrent({ cert }: KeyedCertificate, nowAt: number): boolean {
  const { validFromDate, validToDate } = new X509Certificate(cert);
  return validFromDate.getTime() <= nowAt && validToDate.getTime() - nowAt > renewBeforeMs;
}

function isFor({ cert }: KeyedCertificate, names: readonly string[]): boolean {
  const certificate = new X509Certificate(cert);
  return names.every(
    (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined,
  );
}

function isIssuedBy({ cert }: KeyedCertificate, authority: KeyedCertificate): boolean {
  return new X509Certificate(cert).verify(new X509Certificate(authority.cert).publicKey);
}

/** Whole or not at all: a reader sees the old text or the new one. */
function replaceFile(path: string, text: string, mode: number): void {
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
}

function read(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CertificateError(`${flag}: ${(error as Error).message}`, { cause: error });
  }
}

function checkPair({ cert, key }: KeyedCertificate, certPath: string, keyPath: string): void {
  const parse = <T>(path: string, what: string, parser: () => T): T => {
    try {
      return parser();
    } catch (error) {
      throw new CertificateError(`${path}: expected ${what} in PEM (${(error as Error).message})`, { cause: error });
    }
  };
  const certificate = parse(certPath, 'a certificate', () => new X509Certificate(cert));
  const privateKey = parse(keyPath, 'a private key without a password', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CertificateError(`${keyPath} is not the key of the certificate ${certPath}`);
  }
}
