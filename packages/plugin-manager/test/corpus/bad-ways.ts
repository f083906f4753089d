import type { FetcherOptions } from '../../src/node/fetch/create-fetcher.ts';
import { makeCertificate, serveTls } from '../fetch/harness.ts';
import { offered, type CorpusCase } from './corpus-case.ts';
import { archivesPath, type Offer } from './world.ts';

const everywhere = { hosts: ['*'] };
const at = (url: string, more: Offer = {}): Offer => ({
  annotations: { 'headlamp/plugin/archive-url': url },
  policy: everywhere,
  ...more,
});
/** An archive at this URL, of a source that is not local. */
const url = (text: string) =>
  offered(`the URL ${text}`, () => at(text, { isLocal: false, fetcher: { lookup: noLookup } }));
const redirect = (name: string, location: string | ((origin: string) => string), more: Offer = {}) =>
  offered(name, (origin) => ({
    faults: [
      [archivesPath, { kind: 'redirect', location: typeof location === 'string' ? location : location(origin) }],
    ],
    ...more,
  }));

/** Nothing of what is refused by its text may be looked up. */
const noLookup = () => Promise.reject(new Error('nothing should be looked up'));

type Lookup = NonNullable<FetcherOptions['lookup']>;
/** Answers with each address in turn; the last again and again. */
function answering(...answers: readonly (readonly string[])[]): Lookup {
  let asked = 0;
  return () => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
}
const meaning = (...addresses: readonly string[]) =>
  offered(`a name that means ${addresses.join(' and ')}`, () =>
    at('https://plugins.test/a.tgz', { isLocal: false, fetcher: { lookup: answering(addresses) } }),
  );

/** URLs that are refused by their text. */
export const badUrls: readonly CorpusCase[] = [
  'http://plugins.test/a.tgz',
  'ftp://plugins.test/a.tgz',
  'file:///etc/passwd',
  'data:application/gzip;base64,H4sI',
  'javascript:alert(1)',
  '//plugins.test/a.tgz',
  '/archives/acme/plugin/1.1.0.tar.gz',
  'https://user:secret@plugins.test/a.tgz',
  'https://plugins.test@127.0.0.1/a.tgz',
  'https://plugins.test\\@127.0.0.1/a.tgz',
  'https://plugins.test/a/../b.tgz',
  'https://plugins.test/a/%2e%2e/b.tgz',
  'https://plugins.test/a%2fb.tgz',
  'https://plugins.test/a.tgz#b',
  'https://plugins.test:0/a.tgz',
  'https://plugins.test:65536/a.tgz',
  'https:///a.tgz',
  'https://plugins.test/a b.tgz',
  'https://plugins.test/a\nb.tgz',
].map(url);

/** Addresses of the machine, the own network and the cloud, in every notation. */
export const badAddresses: readonly CorpusCase[] = [
  ...[
    '127.0.0.1',
    '127.0.0.1:22',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0X7F000001',
    '0x7f.1',
    '0x7f.0.0.0x1',
    '0177.0.0.1',
    '0177.0.0.01',
    '017700000001',
    '00000000177.0.0.1',
    '127.0.0.1.',
    '0',
    '0.0.0.0',
    '10.0.0.1',
    '10.1',
    '012.1',
    '172.16.0.1',
    '192.168.0.1',
    '3232235521',
    '100.64.0.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:1]',
    '[::ffff:0:127.0.0.1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fe80::1]',
    '[fec0::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[::ffff:1.1.1.1]',
    '[fe80::1%eth0]',
    '[fe80::1%25eth0]',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    'printer.local',
    'metadata.google.internal',
    '%31%32%37.0.0.1',
    '\uff11\uff12\uff17.0.0.1',
    '\u2460\u2461\u2466.\u24ea.\u24ea.\u2460',
    '127\u30020\u30020\u30021',
    '256.256.256.256',
    '127.0.0.1.1',
    '0x1ffffffff',
  ].map((host) => url(`https://${host}/a.tgz`)),
  ...[
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'fd00::1',
    'fe80::1%eth0',
  ].map((address) => meaning(address)),
  ...[
    'http://169.254.169.254/latest/meta-data',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[fe80::1]/',
    'http://0/',
    '//169.254.169.254/',
  ].map((location) => redirect(`a redirect to the address ${location}`, location, { policy: everywhere })),
];

/** Names that mean something else the next time. */
export const rebinding: readonly CorpusCase[] = [
  meaning('1.1.1.1', '127.0.0.1'),
  meaning('2606:4700::1', '::1'),
  offered('a name that is public at first, and private at the second attempt', () => {
    let asked = 0;
    const later = answering(['10.0.0.1']);
    const lookup: Lookup = (name) => {
      asked += 1;
      if (asked === 1) return Promise.reject(Object.assign(new Error('try again'), { code: 'EAI_AGAIN' }));
      return later(name);
    };
    return at('https://plugins.test/a.tgz', { isLocal: false, fetcher: { lookup, retries: 1 } });
  }),
  offered('a name that means the metadata once a redirect leads to it again', (origin) => {
    const { port } = new URL(origin);
    const here = `http://plugins.test:${port}/archives`;
    return at(`${here}/first`, {
      faults: [[archivesPath, { kind: 'redirect', location: `${here}/second` }]],
      fetcher: { lookup: answering(['127.0.0.1'], ['169.254.169.254']) },
    });
  }),
];

/** Redirects that lead elsewhere, or nowhere. */
export const badRedirects: readonly CorpusCase[] = [
  redirect('a redirect to another host', 'http://other.test/a.tgz'),
  redirect('a redirect to another port', (origin) => `http://127.0.0.1:${String(Number(new URL(origin).port) ^ 1)}/a`),
  redirect('a redirect to another name of the same host', (origin) => `http://localhost:${new URL(origin).port}/a`),
  redirect('a redirect to a name that begins like the host', (origin) => `${origin}.evil.test/a.tgz`),
  redirect('a redirect to a user of the host', (origin) => origin.replace('//', '//user:secret@')),
  redirect('a redirect to a file', 'file:///etc/passwd'),
  redirect('a redirect to ftp', 'ftp://127.0.0.1/a.tgz'),
  redirect('a redirect to data', 'data:application/gzip;base64,H4sI'),
  redirect('a redirect with dot segments', '/a/../../b'),
  redirect('a redirect with a backslash', '/\\other.test/a.tgz'),
  redirect('a redirect with a fragment', '/a.tgz#b'),
  redirect('a redirect to nothing', ''),
  redirect('a redirect to itself', (origin) => `${origin}/archives/acme/plugin/1.1.0.tar.gz`),
  redirect('a redirect into a loop', '/archives/loop'),
  offered('a chain of six redirects', (origin) => ({
    faults: [
      ...[1, 2, 3, 4, 5, 6].map(
        (hop) => [`/archives/hop${hop}`, { kind: 'redirect', location: `${origin}/archives/hop${hop + 1}` }] as const,
      ),
      ['/archives/acme/', { kind: 'redirect', location: `${origin}/archives/hop1` }],
    ],
  })),
  offered('a redirect of https to http', async (origin) => {
    const certificate = makeCertificate('plugins.test');
    const port = await serveTls(certificate, (_request, response) => {
      response.writeHead(302, { location: `${origin}/archives/acme/plugin/1.1.0.tar.gz` }).end();
    });
    const fetcher = { ca: certificate.ca, lookup: answering(['127.0.0.1']) };
    return at(`https://plugins.test:${port}/a.tgz`, { fetcher });
  }),
  offered('a certificate that nobody signed', async () => {
    const certificate = makeCertificate('plugins.test');
    const port = await serveTls(certificate, (_request, response) => response.end());
    return at(`https://plugins.test:${port}/a.tgz`, { fetcher: { lookup: answering(['127.0.0.1']) } });
  }),
];
