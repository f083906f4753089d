import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tarOf, type RawEntry } from '../../src/testing/bad-archives/tar-builder.ts';
import type { CatalogFault } from '../../src/testing/catalog-server.ts';
import { offered, type CorpusCase } from './corpus-case.ts';
import { archiveOf, type Offer } from './world.ts';

const key = (rest: string) => `headlamp/plugin/extra-files/0/${rest}`;
const archiveWith = (...entries: readonly RawEntry[]): Buffer =>
  gzipSync(tarOf([{ path: 'tool/run', body: 'run' }, ...entries]));

interface ExtraOffer extends Offer {
  /** Default: a good archive. */
  readonly bytes?: () => Uint8Array;
  readonly fault?: CatalogFault;
}

/** An extra file that is allowed to come from the host of the catalog. */
const extra = (name: string, more: ExtraOffer = {}) =>
  offered(`an extra file ${name}`, (origin) => {
    const { bytes: make = archiveWith, fault, ...offer } = more;
    const bytes = make();
    return {
      ...offer,
      policy: { extraFileHosts: [new URL(origin).host], ...offer.policy },
      faults: [['/extra/', fault ?? { kind: 'body', body: bytes, type: 'application/gzip' }]],
      annotations: {
        [key('url')]: `${origin}/extra/tool.tar.gz`,
        [key('checksum')]: `SHA256:${createHash('sha256').update(bytes).digest('hex')}`,
        [key('arch')]: `${process.platform}/${process.arch}`,
        [key('output/0/input')]: 'tool/run',
        [key('output/0/output')]: 'tool',
        ...offer.annotations,
      },
    };
  });
const output = (path: string) => ({ annotations: { [key('output/0/output')]: path } });

/** Extra files are fetched, planned and placed as archives are. */
export const badExtraFiles: readonly CorpusCase[] = [
  extra('of other bytes', { annotations: { [key('checksum')]: `SHA256:${'0'.repeat(64)}` } }),
  extra('with an md5', { annotations: { [key('checksum')]: `md5:${'0'.repeat(32)}` } }),
  extra('that is a page', { fault: { kind: 'html' } }),
  extra('that is not there', { fault: { kind: 'status', status: 404 } }),
  extra('that redirects to another host', { fault: { kind: 'redirect', location: 'http://other.test/tool.tar.gz' } }),
  extra('at an address of the cloud', {
    annotations: { [key('url')]: 'http://169.254.169.254/tool.tar.gz' },
    policy: { extraFileHosts: ['*'] },
  }),
  extra('that is no gzip', { bytes: () => Buffer.from('run') }),
  extra('with a symbolic link', { bytes: () => archiveWith({ path: 'tool/l', type: '2', linkName: '/etc' }) }),
  extra('with a path that leads out', { bytes: () => archiveWith({ path: '../../run', body: 'run' }) }),
  extra('with a setuid program', { bytes: () => archiveWith({ path: 'tool/su', mode: 0o4755, body: 'su' }) }),
  extra('that is a bomb', { bytes: () => archiveWith({ path: 'tool/zeros', body: Buffer.alloc(20 * 1024 * 1024) }) }),
  extra('without what is taken of it', { annotations: { [key('output/0/input')]: 'tool/other' } }),
  extra('that lands outside', output('../main.js')),
  extra('that lands at a root', output('/etc/cron.d/evil')),
  extra('that lands at a name of Windows', output('CON')),
  extra('that lands on a file of the plugin', {
    ...output('own'),
    archive: archiveOf('1.1.0', {}, [{ path: 'plugin/bin/own', body: 'own' }]),
  }),
];
