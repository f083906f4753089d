import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { provideMetadataReflection } from './metadata-reflection.ts';

/** A certificate and its private key, in PEM. */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

const dayMs = 24 * 3_600_000;
const authorityLifetimeMs = 3_652 * dayMs;

/** Less than the 825 days that Apple's systems allow to a certificate of an authority that a user trusts. */
const serverLifetimeMs = 365 * dayMs;

/** Clocks of clients may be late. */
const backdateMs = 3_600_000;

/** What every common client of today verifies, kubectl 1.20 among them; small and quick to make. */
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes a certificate authority of one's own. `nowAt` is in milliseconds since 1970. */
export async function createAuthority(nowAt: number): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    // Two authorities must not have one name: clients would take one for the other.
    name: `CN=Fleetwire ${randomBytes(4).toString('hex')} authority`,
    notBefore: new Date(nowAt - backdateMs),
    notAfter: new Date(nowAt + authorityLifetimeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(certificate.toString('pem')), key: await exportKey(keys.privateKey) };
}

/** Makes a certificate for a server that goes by these names and addresses. */
export async function issueCertificate(
  authority: KeyedCertificate,
  names: readonly string[],
  nowAt: number,
): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.cert);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    Buffer.from(authority.key.replace(/-----[^-]+-----|\s/g, ''), 'base64'),
    algorithm,
    false,
    ['sign'],
  );
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: 'CN=Fleetwire',
    issuer: issuer.subject,
    notBefore: new Date(nowAt - backdateMs),
    notAfter: new Date(Math.min(nowAt + serverLifetimeMs, issuer.notAfter.getTime())),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(certificate.toString('pem')), key: await exportKey(keys.privateKey) };
}

/** Loaded when a certificate is to be made, which is seldom. */
async function loadX509() {
  provideMetadataReflection();
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}

/** Positive, and with 63 random bits (RFC 5280 section 4.1.2.2). */
function newSerialNumber(): string {
  const bytes = randomBytes(8);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function pem(text: string): string {
  return `${text.trim()}\n`;
}
