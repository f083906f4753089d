import { expect, it } from 'vitest';
import type { Release } from '../../protocol/release.ts';
import { parseRemembered, rememberedText } from './remembered-release.ts';

const sha256 = 'a'.repeat(64);
const release: Release = {
  ref: { source: 'hub', repo: 'acme', name: 'flux' },
  version: '1.0.0',
  repositoryId: 'r',
  archiveUrl: 'https://example.org/flux.tgz',
  digest: { algorithm: 'sha512', hex: 'b'.repeat(128) },
  signature: { keyId: 'k', value: 'AA==' },
  isPrerelease: false,
  hostVersions: '>=2',
  distros: ['web'],
  extraFiles: [
    {
      url: 'https://example.org/x',
      digest: { algorithm: 'sha256', hex: sha256 },
      arch: 'linux/x64',
      outputs: [{ input: 'x', output: 'bin/x' }],
    },
  ],
};

it('is read as it was written, without what people read', () => {
  const text = rememberedText({
    release: { ...release, changes: [{ description: 'new' }] },
    sha256,
    urlChain: ['https://a.test/x?sig=1'],
  });
  expect(parseRemembered(text)).toEqual({ schemaVersion: 1, release, sha256, urlChain: ['https://a.test/x'] });
});

it.each(['', '{', 'null', '[]', '{}', JSON.stringify({ schemaVersion: 2, release, sha256 })])(
  'the text %j counts for nothing',
  (text) => {
    expect(parseRemembered(text)).toBeUndefined();
  },
);

it.each([
  { ref: { ...release.ref, repo: '../x' } },
  { digest: { algorithm: 'md5', hex: 'c'.repeat(64) } },
  { digest: { algorithm: 'sha256', hex: 'x' } },
  { isPrerelease: 'no' },
  { extraFiles: {} },
])('a release with %j counts for nothing', (change) => {
  expect(parseRemembered(JSON.stringify({ schemaVersion: 1, sha256, release: { ...release, ...change } }))).toBe(
    undefined,
  );
});
