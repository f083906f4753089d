import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../protocol/limits.ts';
import type { Release } from '../protocol/release.ts';
import { checkPlugin, checkVersion, extraFilesFor, loadingRefusal, matchesPlugin } from './policy-checks.ts';
import { maxLimits } from './policy-limits.ts';
import { parsePolicy } from './policy.ts';
import { checkPublisher, publisherChanges } from './publisher.ts';

const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};
const ref = { source: 'artifacthub', repo: 'plugins', name: 'hello' };
const pin = { repositoryId: 'r1', packageName: '@org/hello', keyId: 'k1' };
const publicKey = 'AAAA';
const release = (over: Partial<Release>): Release => ({
  ref,
  version: '1.0.0',
  repositoryId: 'r1',
  archiveUrl: 'https://github.com/a.tar.gz',
  digest: { algorithm: 'sha256', hex: '' },
  isPrerelease: false,
  extraFiles: [],
  ...over,
});

describe('parsePolicy', () => {
  it('is strict where nothing is said', () => {
    expect(parsePolicy({})).toEqual({
      sources: [{ name: 'artifacthub', kind: 'artifact-hub', url: 'https://artifacthub.io', isLocal: false }],
      hosts: ['github.com', 'gitlab.com', 'bitbucket.org'],
      redirectHosts: ['objects.githubusercontent.com', 'release-assets.githubusercontent.com'],
      signature: 'verify-if-present',
      keys: [],
      deny: [],
      prerelease: 'deny',
      downgrade: 'deny',
      extraFileHosts: [],
      limits: defaultLimits,
    });
  });

  it('lets no default be above its maximum', () => {
    expect(parsePolicy({ limits: defaultLimits }).limits).toEqual(defaultLimits);
    expect(parsePolicy({ limits: maxLimits }).limits).toEqual(maxLimits);
  });

  it('takes single limits', () => {
    expect(parsePolicy({ limits: { maxEntries: 7 } }).limits).toEqual({ ...defaultLimits, maxEntries: 7 });
  });

  it.each([
    [null, '', 'policy: expected object, got null'],
    [{ denny: [] }, '', 'policy: unknown keys "denny", got {"denny":[]}'],
    [
      { signature: 'maybe' },
      'signature',
      'policy signature: expected "off" or "verify-if-present" or "require", got "maybe"',
    ],
    [{ deny: ['hello'] }, 'deny.0', 'policy deny.0: expected a plugin id'],
    [{ hosts: ['https://github.com'] }, 'hosts.0', 'policy hosts.0: expected a host in lower case'],
    [{ limits: { maxEntries: 0 } }, 'limits.maxEntries', 'policy limits.maxEntries: '],
    [{ sources: [{ name: 'a', kind: 'index', url: 'plugins' }] }, 'sources.0.url', 'expected a URL of the form https'],
    [{ sources: [{ name: 'a', kind: 'index', url: 'https://[bad/x' }] }, 'sources.0.url', 'in ASCII, as it is fetched'],
    [{ sources: [{ name: 'a', kind: 'index', url: 'https://a.test:99999/' }] }, 'sources.0.url', 'expected a URL'],
    [
      { limits: { operationTimeoutMs: 2 ** 31 } },
      'limits.operationTimeoutMs',
      'expected a whole number from 1 to 86400000, got 2147483648',
    ],
    [{ limits: { maxPathBytes: 2_000 } }, 'limits.maxPathBytes', 'expected a whole number from 1 to 1024, got 2000'],
    [{ limits: { maxRedirects: 0.5 } }, 'limits.maxRedirects', 'expected a whole number from 0 to 20, got 0.5'],
    [{ sources: [{ name: 'a', kind: 'index', url: { length: 1 } }] }, 'sources.0.url', 'expected string'],
    [{ sources: [{ name: 'a', kind: 'ftp' }] }, 'sources.0.kind', 'policy sources.0.kind: '],
    [
      {
        keys: [
          { id: 'a', publicKey },
          { id: 'a', publicKey },
        ],
      },
      'keys',
      'policy keys: expected ids that differ',
    ],
  ])('refuses %j and names %s', (input, path, message) => {
    expect(() => parsePolicy(input)).toThrow(message);
    expect(() => parsePolicy(input)).toThrow(expect.objectContaining({ code: 'E_POLICY_INVALID', phase: 'policy' }));
    expect(() => parsePolicy(input)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ path }) as unknown }),
    );
  });
});

describe('plugins', () => {
  it('fits patterns part by part', () => {
    expect(matchesPlugin('hub:plugins/*', 'hub:plugins/hello')).toBe(true);
    expect(matchesPlugin('*:*/hel*', 'hub:plugins/hello')).toBe(true);
    expect(matchesPlugin('hub:*', 'hub:plugins/hello')).toBe(false);
    expect(matchesPlugin('hub:a.b/c', 'hub:axb/c')).toBe(false);
  });

  it('denies what is not of a source, not allowed, or denied though allowed', () => {
    const run = (input: object, of = ref) => codeOf(() => checkPlugin(parsePolicy(input), of));
    expect(run({})).toBeUndefined();
    expect(run({}, { ...ref, source: 'other' })).toBe('E_SOURCE_DENIED');
    expect(run({ allow: ['*:plugins/*'] })).toBeUndefined();
    expect(run({ allow: [] })).toBe('E_PLUGIN_DENIED');
    expect(run({ allow: ['*:plugins/*'], deny: ['*:*/hello'] })).toBe('E_PLUGIN_DENIED');
  });

  it('blocks loading of what is denied, or was signed by a key that is revoked', () => {
    const keys = (isRevoked: boolean) => [{ id: 'k1', publicKey, isRevoked }];
    const refused = (policy: object, keyId?: string, claimed = keyId): unknown => {
      const signature = claimed === undefined ? undefined : { keyId: claimed, value: '' };
      return loadingRefusal(parsePolicy(policy), { ref, version: '1.0.0', keyId, signature })?.code;
    };
    expect(refused({})).toBeUndefined();
    expect(refused({ deny: ['*:plugins/*'] })).toBe('E_PLUGIN_DENIED');
    expect(refused({ allow: ['artifacthub:*/*'] })).toBeUndefined();
    expect(refused({ allow: ['*:other/*'] })).toBe('E_PLUGIN_DENIED');
    expect(refused({ keys: keys(false) }, 'k1')).toBeUndefined();
    expect(refused({ keys: keys(true) }, 'k1')).toBe('E_KEY_REVOKED');
    expect(refused({ keys: keys(true) }, undefined, 'k1')).toBe('E_KEY_REVOKED');
    expect(refused({ keys: keys(true), signature: 'off' }, 'k1')).toBeUndefined();
    expect(refused({}, 'k1')).toBe('E_KEY_UNKNOWN');
    expect(refused({ keys: [{ id: 'k1', publicKey, plugins: ['*:other/*'] }] }, 'k1')).toBe('E_KEY_UNKNOWN');
    expect(refused({ signature: 'require' })).toBe('E_SIGNATURE_MISSING');
    expect(refused({ signature: 'require', keys: keys(false) }, undefined, 'k1')).toBe('E_SIGNATURE_MISSING');
    expect(refused({ signature: 'require', keys: keys(false) }, 'k1')).toBeUndefined();
    expect(refused({ keys: keys(false) }, undefined, 'k1')).toBe('E_SIGNATURE_MISSING');
    const extraFiles = [{ url: 'https://a.test/x', digest: { algorithm: 'sha256', hex: 'a'.repeat(64) } }] as const;
    const withExtra = { ref, version: '1.0.0', keyId: 'k1', extraFiles };
    const strict = parsePolicy({ signature: 'require', keys: keys(false) });
    expect(loadingRefusal(strict, withExtra)?.code).toBe('E_SIGNATURE_MISSING');
    expect(loadingRefusal(parsePolicy({ keys: keys(false) }), withExtra)).toBeUndefined();
  });
});

describe('versions', () => {
  const run = (input: object, over: Partial<Release>, installed?: string) =>
    codeOf(() => checkVersion(parsePolicy(input), release(over), installed));

  it('denies prereleases and downgrades unless they are allowed', () => {
    expect(run({}, { isPrerelease: true })).toBe('E_PRERELEASE_DENIED');
    expect(run({ prerelease: 'allow' }, { isPrerelease: true })).toBeUndefined();
    expect(run({}, { version: '1.9.0' }, '1.10.0')).toBe('E_DOWNGRADE_DENIED');
    expect(run({}, { version: '1.10.0' }, '1.9.0')).toBeUndefined();
    expect(run({ downgrade: 'allow' }, { version: '1.9.0' }, '1.10.0')).toBeUndefined();
  });
});

describe('extra files', () => {
  const file = (arch: string, url: string) => ({
    arch,
    url,
    digest: { algorithm: 'sha256', hex: '' } as const,
    outputs: [],
  });
  const asking = release({
    extraFiles: [file('linux/x64', 'https://github.com/a'), file('darwin/arm64', 'https://evil.example/b')],
  });
  const run = (input: object, platform: string) => codeOf(() => extraFilesFor(parsePolicy(input), asking, platform));

  it('are denied by default, and taken for the platform alone from hosts that are allowed', () => {
    expect(run({}, 'linux/x64')).toBe('E_EXTRA_FILES_DENIED');
    expect(run({ extraFileHosts: ['github.com'] }, 'linux/x64')).toEqual([asking.extraFiles[0]]);
    expect(run({ extraFileHosts: ['github.com'] }, 'darwin/arm64')).toBe('E_EXTRA_FILES_DENIED');
    expect(run({}, 'win32/x64')).toEqual([]);
  });
});

describe('publisher', () => {
  const key = (id: string, replaces?: string) => ({ id, publicKey, ...(replaces === undefined ? {} : { replaces }) });
  const rotated = parsePolicy({ keys: [key('k3', 'k2'), key('k2', 'k1'), key('k1'), key('other')] });
  const found = { repositoryId: 'r1', packageName: '@org/hello', keyId: 'k1' };

  it('is the same as long as repository, package name and key are', () => {
    expect(publisherChanges(pin, found, rotated)).toEqual([]);
    expect(publisherChanges(pin, { repositoryId: 'r1', keyId: 'k1' }, rotated)).toEqual([]);
  });

  it('stays the same through the rotation of its key, in several steps', () => {
    expect(publisherChanges(pin, { ...found, keyId: 'k3' }, rotated)).toEqual([]);
    const cyclic = parsePolicy({ keys: [key('a', 'b'), key('b', 'a')] });
    expect(publisherChanges(pin, { ...found, keyId: 'a' }, cyclic)).toHaveLength(1);
  });

  it('changes with each of them, and when the signature goes', () => {
    const all = publisherChanges(pin, { repositoryId: 'r2', packageName: 'evil', keyId: 'other' }, rotated);
    expect(all.map(({ what }) => what)).toEqual(['repositoryId', 'packageName', 'keyId']);
    expect(publisherChanges(pin, { ...found, keyId: undefined }, rotated)).toEqual([
      { what: 'keyId', expected: 'k1', found: undefined },
    ]);
    expect(publisherChanges(pin, { ...found, keyId: undefined }, parsePolicy({ signature: 'off' }))).toEqual([]);
    expect(publisherChanges({ ...pin, keyId: undefined }, found, rotated)).toEqual([]);
  });

  it('says so by E_PUBLISHER_CHANGED, with what was and what is', () => {
    const run = () => checkPublisher('hub:plugins/hello', { pin, found: { ...found, repositoryId: 'r2' } }, rotated);
    expect(run).toThrow('repositoryId was r1, is r2');
    expect(codeOf(run)).toBe('E_PUBLISHER_CHANGED');
  });

  it.each([
    [true, { repositoryId: 'r2', packageName: 'evil' }, true],
    [true, { keyId: undefined }, false],
    [true, { keyId: 'other' }, false],
    [{ repositoryId: 'r2' }, { repositoryId: 'r2' }, true],
    [{ repositoryId: 'r2' }, { repositoryId: 'r3' }, false],
    [{ repositoryId: 'r2' }, { repositoryId: 'r2', packageName: 'evil' }, false],
    [{ repositoryId: 'r2' }, { repositoryId: 'r2', keyId: undefined }, false],
    [{ repositoryId: 'r1', keyId: 'other' }, { keyId: 'other' }, true],
    [{ repositoryId: 'r1', keyId: 'other' }, { keyId: undefined }, false],
    [{ repositoryId: 'r1', keyId: null }, { keyId: undefined }, true],
    [{ repositoryId: 'r1', keyId: null }, { keyId: 'other' }, false],
  ])('what %j accepts of %j: %s', (accepted, over, isAccepted) => {
    const check = { pin, found: { ...found, ...over }, accepted };
    const run = () => checkPublisher('hub:plugins/hello', check, rotated).length;
    if (isAccepted) expect(run()).toBe(Object.keys(over).length);
    else expect(codeOf(run)).toBe('E_PUBLISHER_CHANGED');
  });
});
