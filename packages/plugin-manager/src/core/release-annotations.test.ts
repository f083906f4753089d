import { expect, it } from 'vitest';
import { releaseFromAnnotations } from './release-annotations.ts';

const hex = 'ab'.repeat(32);
const base = 'headlamp/plugin';
const needed = {
  [`${base}/archive-url`]: 'https://github.com/a.tar.gz',
  [`${base}/archive-checksum`]: `SHA256:${hex}`,
};
const read = (annotations: Record<string, unknown>, version = '1.0.0') =>
  releaseFromAnnotations({
    ref: { source: 'hub', repo: 'plugins', name: 'hello' },
    version,
    repositoryId: 'r1',
    annotations: { ...needed, ...annotations },
  });
const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

it('reads what a package says of itself', () => {
  const annotations = {
    [`${base}/version-compat`]: '>=0.22',
    [`${base}/distro-compat`]: 'in-cluster, Web,,docker-desktop',
    'fleetwire/plugin/version-compat': '^1',
    'fleetwire/plugin/signature': 'AAAA',
    'fleetwire/plugin/signature-key': 'k1',
  };
  expect(read(annotations, '1.0.0-rc.1')).toEqual({
    ref: { source: 'hub', repo: 'plugins', name: 'hello' },
    version: '1.0.0-rc.1',
    repositoryId: 'r1',
    archiveUrl: 'https://github.com/a.tar.gz',
    digest: { algorithm: 'sha256', hex },
    signature: { keyId: 'k1', value: 'AAAA' },
    isPrerelease: true,
    headlampVersions: '>=0.22',
    hostVersions: '^1',
    distros: ['in-cluster', 'web', 'docker-desktop'],
    extraFiles: [],
  });
});

it('takes empty annotations for absent ones', () => {
  const release = read({ [`${base}/version-compat`]: '', [`${base}/distro-compat`]: ' , ' });
  expect(release).toMatchObject({ headlampVersions: undefined, distros: undefined });
});

it('is not touched by keys that name prototypes', () => {
  const hostile = JSON.parse(
    `{"__proto__/x": "1", "__proto__": {"fleetwire/plugin/signature": "x"}, "constructor/prototype/x": "1",
      "${base}/extra-files/__proto__/url": "x", "${base}/extra-files/0/__proto__/x": "x",
      "${base}/extra-files/0/url": "https://github.com/x", "${base}/extra-files/0/arch": "linux/x64",
      "${base}/extra-files/0/checksum": "sha256:${hex}",
      "${base}/extra-files/0/output/__proto__/input": "a", "${base}/extra-files/0/output/__proto__/output": "b"}`,
  ) as Record<string, unknown>;
  const release = releaseFromAnnotations({
    ref: { source: 'hub', repo: 'plugins', name: 'hello' },
    version: '1.0.0',
    repositoryId: 'r1',
    annotations: Object.assign(hostile, needed),
  });
  expect(release.signature).toBeUndefined();
  expect(release.extraFiles).toEqual([
    {
      url: 'https://github.com/x',
      arch: 'linux/x64',
      digest: { algorithm: 'sha256', hex },
      outputs: [{ input: 'a', output: 'b' }],
    },
  ]);
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

const extra = (fields: Record<string, unknown>) => ({
  [`${base}/extra-files/2/url`]: 'https://github.com/x',
  [`${base}/extra-files/2/arch`]: 'linux/x64',
  [`${base}/extra-files/2/checksum`]: `sha256:${hex}`,
  ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [`${base}/extra-files/2/${key}`, value])),
});

it.each([
  [{ [`${base}/archive-url`]: undefined }, 'E_RESPONSE_INVALID'],
  [{ [`${base}/archive-url`]: ['https://github.com'] }, 'E_RESPONSE_INVALID'],
  [{ [`${base}/archive-url`]: `https://${'a'.repeat(5_000)}` }, 'E_RESPONSE_INVALID'],
  [{ [`${base}/archive-checksum`]: '' }, 'E_CHECKSUM_MISSING'],
  [{ [`${base}/archive-checksum`]: 'md5:aa' }, 'E_CHECKSUM_ALGORITHM'],
  [{ 'fleetwire/plugin/signature': 'AAAA' }, 'E_RESPONSE_INVALID'],
  [{ 'fleetwire/plugin/signature-key': 'k1' }, 'E_RESPONSE_INVALID'],
  [extra({ url: '' }), 'E_RESPONSE_INVALID'],
  [extra({ arch: '' }), 'E_RESPONSE_INVALID'],
  [extra({ checksum: '' }), 'E_CHECKSUM_MISSING'],
  [extra({ 'output/k/input': 'a' }), 'E_RESPONSE_INVALID'],
  [extra({ 'output/k/input': '../a', 'output/k/output': 'b' }), 'E_PATH_TRAVERSAL'],
  [extra({ 'output/k/input': 'a', 'output/k/output': 'b/../../c' }), 'E_PATH_TRAVERSAL'],
  [extra({ 'output/k/input': 'a', 'output/k/output': '/etc/x' }), 'E_PATH_TRAVERSAL'],
  [extra({ 'output/k/input': 'a', 'output/k/output': 'C:x' }), 'E_PATH_TRAVERSAL'],
])('refuses %j with %s', (annotations, code) => expect(codeOf(() => read(annotations))).toBe(code));

it.each(['v1.0.0', '1.0', ' 1.0.0', 'latest', '', `1.0.0-${'a'.repeat(200)}`, '../1.0.0'])(
  'takes %j for no version',
  (version) => expect(codeOf(() => read({}, version))).toBe('E_RESPONSE_INVALID'),
);

it('bounds the number of extra files', () => {
  const many = Object.fromEntries(
    Array.from({ length: 33 }, (_, index) => [`${base}/extra-files/${String(index)}/url`, 'https://github.com']),
  );
  expect(codeOf(() => read(many))).toBe('E_RESPONSE_INVALID');
});
