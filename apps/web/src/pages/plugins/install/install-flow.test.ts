import { describe, expect, it } from 'vitest';
import type { CatalogRelease, PluginFailure } from '@fleetwire/plugin-manager';
import { installStart, installTransition, needsAcceptance, obstacleOf, wishOf } from './install-flow.ts';

const release: CatalogRelease = {
  id: 'hub:repo/name',
  release: {
    ref: { source: 'hub', repo: 'repo', name: 'name' },
    version: '1.2.0',
    repositoryId: 'r',
    archiveUrl: 'https://plugins.example/name.tgz',
    digest: { algorithm: 'sha256', hex: 'ab' },
    isPrerelease: false,
    extraFiles: [],
  },
  compatibility: { state: 'compatible', checked: [], notChecked: [] },
  publisher: 'first-install',
};
const denied = (code: PluginFailure['code']): PluginFailure => ({
  code,
  message: 'the policy says no',
  phase: 'policy',
  retryable: false,
  details: {},
});

describe('the flow', () => {
  it('a second confirmation while the first is sent does nothing', () => {
    const sending = installTransition(installStart, { type: 'confirmed' });
    expect(installTransition(sending, { type: 'confirmed' })).toBe(sending);
    expect(installTransition(sending, { type: 'chosen', choice: { isEnabled: false } })).toBe(sending);
  });

  it('a refusal leads back with what was chosen, and goes with the next confirmation', () => {
    const chosen = installTransition(installStart, { type: 'chosen', choice: { isEnabled: false } });
    const sending = installTransition(chosen, { type: 'confirmed' });
    const refused = installTransition(sending, { type: 'refused', refusal: { code: 'E_X', message: 'no' } });
    expect(refused).toMatchObject({ status: 'deciding', choice: { isEnabled: false }, refusal: { code: 'E_X' } });
    expect(installTransition(refused, { type: 'confirmed' })).toEqual({ ...sending });
  });

  it('an answer that nobody waits for changes nothing', () => {
    expect(installTransition(installStart, { type: 'begun', operationId: 'o' })).toBe(installStart);
  });
});

describe('what stands against it', () => {
  it('nothing, where it fits and the policy has nothing against it', () => {
    expect(obstacleOf(release, installStart)).toBeUndefined();
  });

  it('a version that does not fit cannot be installed, whatever is accepted', () => {
    const compatibility = { state: 'incompatible', reason: 'needs 2.0.0', checked: [], notChecked: [] } as const;
    expect(obstacleOf({ ...release, compatibility }, installStart)).toMatch(/does not fit/);
  });

  it('the installed version is not installed once more', () => {
    expect(obstacleOf({ ...release, installedVersion: '1.2.0' }, installStart)).toMatch(/nothing to install/);
    expect(obstacleOf({ ...release, installedVersion: '1.1.0' }, installStart)).toBeUndefined();
  });

  it('the policy has the last word', () => {
    expect(obstacleOf({ ...release, denied: denied('E_PRERELEASE_DENIED') }, installStart)).toMatch(/policy/);
  });

  it('another archive of the installed version is no matter of the policy, and names the way to accept it', () => {
    const obstacle = obstacleOf({ ...release, denied: denied('E_INTEGRITY') }, installStart);
    expect(obstacle).toMatch(/--accept-changed-archive/);
    expect(obstacle).not.toMatch(/policy/);
  });

  it('another publisher must be accepted, also where only its archive told', () => {
    const changed = { ...release, publisher: 'changed' } as const;
    expect(obstacleOf(changed, installStart)).toMatch(/publisher/);
    const accepted = installTransition(installStart, { type: 'chosen', choice: { acceptsPublisher: true } });
    expect(obstacleOf(changed, accepted)).toBeUndefined();
    expect(obstacleOf({ ...release, packageName: 'other' }, installStart)).toMatch(/publisher/);
    expect([needsAcceptance({ ...release, packageName: 'other' }), needsAcceptance(release)]).toEqual([true, false]);
  });
});

it('what is asked of the server is the version that was shown', () => {
  expect(wishOf(release, { acceptsPublisher: false, isEnabled: true })).toEqual({
    id: 'hub:repo/name',
    version: '1.2.0',
    isEnabled: true,
  });
  expect(wishOf(release, { acceptsPublisher: true, isEnabled: false })).toMatchObject({
    acceptPublisher: true,
    isEnabled: false,
  });
  const publisherChanges = [
    { what: 'repositoryId', expected: 'r1', found: 'r2' },
    { what: 'keyId', expected: 'k1' },
  ] as const;
  const moved = { ...release, release: { ...release.release, repositoryId: 'r2' }, publisherChanges };
  expect(wishOf(moved, { acceptsPublisher: true, isEnabled: true }).acceptPublisher).toEqual({
    repositoryId: 'r2',
    keyId: null,
  });
  const renamed = { ...release, publisher: 'same', packageName: 'other' } as const;
  expect(wishOf(renamed, { acceptsPublisher: true, isEnabled: true }).acceptPublisher).toEqual({
    repositoryId: 'r',
    packageName: 'other',
  });
});
