import { expect, it } from 'vitest';
import type { PluginError } from '../protocol/error.ts';
import type { PluginHost } from '../protocol/host.ts';
import type { Release } from '../protocol/release.ts';
import { checkCompatibility, chooseRelease, incompatibility, requireCompatible } from './compat.ts';

const host: PluginHost = {
  product: 'fleetwire',
  version: '1.4.0',
  distro: 'in-cluster',
  sdkVersion: '1.0.0',
  compat: { headlamp: '0.30.0' },
};
const ref = { source: 'hub', repo: 'plugins', name: 'hello' };
const release = (over: Partial<Release> = {}): Release => ({
  ref,
  version: '1.0.0',
  repositoryId: 'r1',
  archiveUrl: 'https://github.com/a.tar.gz',
  digest: { algorithm: 'sha256', hex: '' },
  isPrerelease: false,
  extraFiles: [],
  ...over,
});

it('checks both ranges and the distribution, and says what it checked', () => {
  const all = { headlampVersions: '>=0.22', hostVersions: '^1.2', distros: ['app', 'in-cluster'] };
  expect(checkCompatibility(release(all), host)).toEqual({
    state: 'compatible',
    checked: ['Headlamp plugin API 0.30.0 is in >=0.22', 'fleetwire 1.4.0 is in ^1.2', 'distribution in-cluster'],
    notChecked: [],
  });
});

it('says what it could not check', () => {
  const { compat: _, ...without } = host;
  expect(checkCompatibility(release({ headlampVersions: '>=0.22' }), without)).toEqual({
    state: 'compatible',
    checked: [],
    notChecked: [
      'Headlamp plugin API: the package is for >=0.22, and the host has no such level',
      'the package does not say for which versions of Fleetwire or distributions it is',
    ],
  });
});

it('a level that neither the host has nor the package names is nothing to check', () => {
  const { compat: _, ...without } = host;
  expect(checkCompatibility(release({ hostVersions: '^1.2', distros: ['in-cluster'] }), without)).toEqual({
    state: 'compatible',
    checked: ['fleetwire 1.4.0 is in ^1.2', 'distribution in-cluster'],
    notChecked: [],
  });
});

it.each([
  [
    { headlampVersions: '>=0.31' },
    'E_INCOMPATIBLE_HOST',
    'it is for Headlamp plugin API >=0.31, and the host has 0.30.0',
  ],
  [{ hostVersions: '<1' }, 'E_INCOMPATIBLE_HOST', 'it is for fleetwire <1, and the host has 1.4.0'],
  [{ hostVersions: 'soon' }, 'E_INCOMPATIBLE_HOST', 'it is for fleetwire soon, which is no range of versions'],
  [{ distros: ['app'] }, 'E_INCOMPATIBLE_DISTRO', 'it is for the distribution app, and the host is in-cluster'],
])('refuses %j', (over, code, reason) => {
  expect(checkCompatibility(release(over), host)).toEqual({ state: 'incompatible', code, reason });
  expect(() => requireCompatible(release(over), host)).toThrow(expect.objectContaining({ code, phase: 'compat' }));
});

it('compares a prerelease of the host by its precedence', () => {
  const candidate = { ...host, version: '2.0.0-rc.1' };
  expect(checkCompatibility(release({ hostVersions: '>=1.5' }), candidate).state).toBe('compatible');
  expect(checkCompatibility(release({ hostVersions: '>=2.0.0' }), candidate).state).toBe('incompatible');
});

const choose = (versions: readonly Partial<Release>[], prerelease: 'allow' | 'deny' = 'deny') => {
  const releases = versions.map(release);
  const loaded: string[] = [];
  const entry = { ref, versions: releases.map(({ version, isPrerelease }) => ({ version, isPrerelease })) };
  const load = async (version: string): Promise<Release> => {
    loaded.push(version);
    const found = releases.find((one) => one.version === version);
    if (found === undefined) throw new Error(`unexpected ${version}`);
    return found;
  };
  return { chosen: chooseRelease({ entry, host, prerelease, load }), loaded };
};

it('chooses the newest compatible version, whatever the order of the list', async () => {
  const { chosen, loaded } = choose([
    { version: '1.9.0' },
    { version: '1.10.0' },
    { version: '1.2.0' },
    { version: '2.0.0', hostVersions: '>=2' },
  ]);
  const { release: newest, passedOver } = await chosen;
  expect(newest.version).toBe('1.10.0');
  expect(passedOver).toEqual([{ version: '2.0.0', reason: 'it is for fleetwire >=2, and the host has 1.4.0' }]);
  expect(loaded).toEqual(['2.0.0', '1.10.0']);
});

it('takes a prerelease only where the policy allows it', async () => {
  const versions = [{ version: '2.0.0-rc.1', isPrerelease: true }, { version: '1.0.0' }];
  expect((await choose(versions).chosen).release.version).toBe('1.0.0');
  expect((await choose(versions, 'allow').chosen).release.version).toBe('2.0.0-rc.1');
  const only = choose([{ version: '2.0.0-rc.1', isPrerelease: true }]);
  await expect(only.chosen).rejects.toMatchObject({ code: 'E_PRERELEASE_DENIED', phase: 'policy' });
  expect(only.loaded).toEqual([]);
});

it('says which versions it looked at when none fits, by the reason of the newest', async () => {
  const { chosen } = choose([
    { version: '1.0.0', distros: ['app'] },
    { version: '2.0.0', hostVersions: '>=2' },
  ]);
  await expect(chosen).rejects.toMatchObject({
    code: 'E_INCOMPATIBLE_HOST',
    pluginId: 'hub:plugins/hello',
    details: { considered: [{ version: '2.0.0' }, { version: '1.0.0' }] },
  });
  await expect(choose([{ distros: ['app'] }]).chosen).rejects.toMatchObject({ code: 'E_INCOMPATIBLE_DISTRO' });
  await expect(choose([]).chosen).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
});

it('asks for at most 20 versions', async () => {
  const many = Array.from({ length: 50 }, (_, index) => ({ version: `1.${String(index)}.0`, hostVersions: '>=9' }));
  const { chosen, loaded } = choose(many);
  await expect(chosen).rejects.toMatchObject({ code: 'E_INCOMPATIBLE_HOST', details: { known: 50 } });
  expect(loaded).toHaveLength(20);
  expect(loaded[0]).toBe('1.49.0');
});

it('keeps the newest 20 of the versions that were passed over, and counts all', async () => {
  const prereleases = Array.from({ length: 1_000 }, (_, index) => ({
    version: `2.0.0-rc.${String(index)}`,
    isPrerelease: true,
  }));
  const { passedOver, passedOverCount } = await choose([...prereleases, { version: '1.0.0' }]).chosen;
  expect([passedOver.length, passedOver[0]?.version, passedOverCount]).toEqual([20, '2.0.0-rc.999', 1_000]);
  const failure: unknown = await choose(prereleases).chosen.catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 'E_PRERELEASE_DENIED',
    message: expect.stringMatching(/1000 of 1000 looked at.*and 995 more$/) as string,
    details: { consideredCount: 1_000, known: 1_000 },
  });
  expect((failure as PluginError).details['considered']).toEqual(passedOver);
});

it('fails with the newest version when that cannot be read, and hides it behind no older one', async () => {
  const entry = {
    ref,
    versions: [
      { version: '2.0.0', isPrerelease: false },
      { version: '1.0.0', isPrerelease: false },
    ],
  };
  const load = async (version: string): Promise<Release> => {
    if (version === '2.0.0') throw new Error('no checksum');
    return release({ version });
  };
  await expect(chooseRelease({ entry, host, prerelease: 'deny', load })).rejects.toThrow('no checksum');
});

it.each([
  [undefined, undefined],
  [{}, undefined],
  [{ hostVersions: '^1.2', headlampVersions: '>=0.22', distros: ['in-cluster'], engines: '>=1 <2' }, undefined],
  [{ hostVersions: '^2.0' }, 'it is for fleetwire ^2.0, and the host has 1.4.0'],
  [{ distros: ['app'] }, 'it is for the distribution app, and the host is in-cluster'],
  [{ engines: '>=2' }, 'its package.json is for fleetwire >=2, and the host has 1.4.0'],
  [{ engines: '^1.0.0', sdk: '^1.0.0' }, undefined],
  [{ sdk: '^2.0.0' }, 'its package.json is for the plugin SDK ^2.0.0, and the host has 1.0.0'],
  [{ engines: 'damaged' }, 'its package.json is for fleetwire damaged, and the host has 1.4.0'],
])('an installed version with the ranges %j is judged by the host of today: %s', (compat, reason) => {
  expect(incompatibility({ compat }, host)).toBe(reason);
});
