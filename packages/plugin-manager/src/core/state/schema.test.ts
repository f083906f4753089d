import { expect, it } from 'vitest';
import { parseReceipt, parseState } from './schema.ts';

const hex = '0123456789abcdef'.repeat(4);
const build = { version: '1.0.0', build: '1.0.0-0123456789ab', sha256: hex, installedAt: 1_700_000_000_000 };
const state = {
  schemaVersion: 1,
  generation: 3,
  plugins: {
    'hub:acme/flux': {
      active: build,
      previous: [{ ...build, version: '0.9.0', build: '0.9.0-0123456789ab' }],
      isEnabled: true,
      isPinned: false,
      publisher: { repositoryId: 'r', packageName: 'flux', keyId: 'k' },
    },
  },
};
const digest = { algorithm: 'sha512', hex: 'f'.repeat(128) };
const extraFile = { url: 'https://example.org/x', digest, arch: 'linux/x64' };
const receipt = {
  schemaVersion: 1,
  managed: true,
  ref: { source: 'hub', repo: 'acme', name: 'flux' },
  version: '1.0.0',
  repositoryId: 'r',
  packageName: 'flux',
  title: 'Flux',
  digest,
  sha256: hex,
  archiveBytes: 1,
  urlChain: ['https://example.org/flux.tgz'],
  extraFiles: [extraFile],
  // Nobody has compared these with any bytes: they are as the source gave them.
  otherExtraFiles: [{ ...extraFile, digest: { algorithm: 'sha256', hex: hex.toUpperCase() } }],
  files: [{ path: 'package.json', size: 1, sha256: hex, integrity: 'sha384-x' }],
  installedAt: 1_700_000_000_000,
};

it('a state and a receipt as they were always written are read', () => {
  expect(parseState(JSON.stringify(state))).toEqual(state);
  expect(parseReceipt(JSON.stringify(receipt))).toEqual(receipt);
});

it.each([
  ['too short', { algorithm: 'sha256', hex: hex.slice(1) }],
  ['of another algorithm', { algorithm: 'sha384', hex }],
  ['in capitals', { algorithm: 'sha256', hex: hex.toUpperCase() }],
])('a receipt with a digest %s is none of this program', (_what, wrong) => {
  const said = {
    code: 'E_FILES_CHANGED',
    message: expect.stringContaining('expected a digest in lower-case hex') as string,
  };
  expect(() => parseReceipt(JSON.stringify({ ...receipt, digest: wrong }))).toThrow(expect.objectContaining(said));
  const extraFiles = [{ ...extraFile, digest: wrong }];
  expect(() => parseReceipt(JSON.stringify({ ...receipt, extraFiles }))).toThrow(expect.objectContaining(said));
});
