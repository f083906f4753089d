import { expect, it } from 'vitest';
import { PluginError } from '../protocol/error.ts';
import {
  checkFrozen,
  nextLock,
  planSync,
  syncTarget,
  type LockedPlugin,
  type SyncedPlugin,
  type SyncRelease,
  type SyncTarget,
  type WantedPlugin,
} from './sync-plan.ts';

const id = 'hub:acme/a';
const lockedAt = (version: string, letter = 'a'): LockedPlugin => ({
  version,
  digest: { algorithm: 'sha256', hex: letter.repeat(64) },
  sha256: letter.repeat(64),
  archiveUrl: 'https://github.com/a.tar.gz',
  repositoryId: 'r-1',
  packageName: 'a',
});
const installedAt = (version: string, more: Partial<SyncedPlugin> = {}): SyncedPlugin => ({
  version,
  locked: lockedAt(version),
  isEnabled: true,
  isPinned: false,
  ...more,
});
const released = (version: string, refusal?: PluginError): SyncRelease => ({
  version,
  digest: lockedAt(version).digest,
  refusal,
});

it.each<[Omit<WantedPlugin, 'id'>, LockedPlugin | undefined, SyncedPlugin | undefined, Partial<SyncTarget>]>([
  [{}, undefined, undefined, { kind: 'newest' }],
  [{}, undefined, installedAt('1.0.0'), { kind: 'newest' }],
  [{}, undefined, installedAt('1.0.0', { isPinned: true }), { kind: 'installed', reason: 'it is pinned to 1.0.0' }],
  [{ pinned: false }, undefined, installedAt('1.0.0', { isPinned: true }), { kind: 'newest' }],
  [{}, lockedAt('1.0.0'), undefined, { kind: 'version', version: '1.0.0', locked: lockedAt('1.0.0') }],
  [{}, lockedAt('1.0.0'), installedAt('1.0.0'), { kind: 'installed', reason: 'the lock file names 1.0.0' }],
  // Other bytes under the same version.
  [{}, lockedAt('1.0.0', 'b'), installedAt('1.0.0'), { kind: 'version', version: '1.0.0' }],
  // Damaged.
  [{}, lockedAt('1.0.0'), installedAt('1.0.0', { locked: undefined }), { kind: 'version', version: '1.0.0' }],
  [
    { version: '2.0.0' },
    lockedAt('1.0.0'),
    installedAt('1.0.0'),
    { kind: 'version', version: '2.0.0', locked: undefined },
  ],
  [{ version: '1.0.0' }, undefined, installedAt('1.0.0'), { kind: 'installed', reason: 'the file names 1.0.0' }],
])('of %j with its lock and what is installed the target is known', (wanted, locked, installed, target) => {
  expect(syncTarget({ id, ...wanted }, locked, installed)).toMatchObject(target);
});

function actionsOf(
  wanted: readonly WantedPlugin[],
  installed: Readonly<Record<string, SyncedPlugin>>,
  releases: Readonly<Record<string, SyncRelease>> = {},
  lock: Readonly<Record<string, LockedPlugin>> = {},
): readonly (readonly (string | undefined)[])[] {
  const there = new Map(Object.entries(installed));
  const targets = new Map(wanted.map((one) => [one.id, syncTarget(one, lock[one.id], there.get(one.id))] as const));
  const plan = planSync({ wanted, installed: there, targets, releases: new Map(Object.entries(releases)) });
  expect(plan.isInSync).toBe(plan.steps.every(({ action }) => action === 'unchanged'));
  return plan.steps.map(({ action, pluginId, from, to }) => [action, pluginId, from, to]);
}

it('installs, updates, goes back and installs anew; the newest that fits is never older than what is there', () => {
  expect(actionsOf([{ id }], {}, { [id]: released('1.0.0') })).toEqual([['install', id, undefined, '1.0.0']]);
  const there = { [id]: installedAt('1.1.0') };
  expect(actionsOf([{ id }], there, { [id]: released('1.2.0') })).toEqual([['update', id, '1.1.0', '1.2.0']]);
  expect(actionsOf([{ id }], there, { [id]: released('1.1.0') })).toEqual([['unchanged', id, '1.1.0', undefined]]);
  expect(actionsOf([{ id }], there, { [id]: released('1.0.0') })).toEqual([['unchanged', id, '1.1.0', undefined]]);
  expect(actionsOf([{ id, version: '1.0.0' }], there, { [id]: released('1.0.0') })).toEqual([
    ['downgrade', id, '1.1.0', '1.0.0'],
  ]);
  const damaged = { [id]: installedAt('1.1.0', { locked: undefined }) };
  expect(actionsOf([{ id, version: '1.1.0' }], damaged, { [id]: released('1.1.0') })).toEqual([
    ['reinstall', id, '1.1.0', '1.1.0'],
  ]);
  expect(actionsOf([{ id }], there, { [id]: released('1.1.0') }, { [id]: lockedAt('1.1.0', 'b') })).toEqual([
    ['reinstall', id, '1.1.0', '1.1.0'],
  ]);
});

it('says what is refused, and why; what is installed is still enabled and pinned as the file says', () => {
  const denied = new PluginError('E_DOWNGRADE_DENIED', 'older', { phase: 'policy' });
  const wanted = [{ id, version: '1.0.0', enabled: false, pinned: true }];
  const refused = { [id]: released('1.0.0', denied) };
  expect(actionsOf(wanted, { [id]: installedAt('1.1.0') }, refused)).toEqual([
    ['refused', id, '1.1.0', '1.0.0'],
    ['disable', id, '1.1.0', undefined],
    ['pin', id, '1.1.0', undefined],
  ]);
  expect(actionsOf(wanted, {}, refused)).toEqual([['refused', id, undefined, '1.0.0']]);
  expect(actionsOf(wanted, {}, { [id]: denied })).toEqual([['refused', id, undefined, undefined]]);
});

it('enables, disables, pins and unpins where the file says so, and leaves the rest as it is', () => {
  const there = { [id]: installedAt('1.0.0', { isEnabled: false, isPinned: true }) };
  expect(actionsOf([{ id }], there)).toEqual([['unchanged', id, '1.0.0', undefined]]);
  expect(actionsOf([{ id, version: '1.0.0', enabled: true, pinned: false }], there)).toEqual([
    ['enable', id, '1.0.0', undefined],
    ['unpin', id, '1.0.0', undefined],
  ]);
  const wanted = [{ id, enabled: false, pinned: true }];
  expect(actionsOf(wanted, {}, { [id]: released('1.0.0') })).toEqual([
    ['install', id, undefined, '1.0.0'],
    ['disable', id, undefined, undefined],
    ['pin', id, undefined, undefined],
  ]);
});

it('removes what the file does not name, last', () => {
  const there = { 'hub:acme/0': installedAt('1.0.0'), [id]: installedAt('1.0.0') };
  expect(actionsOf([{ id, version: '1.0.0' }], there)).toEqual([
    ['unchanged', id, '1.0.0', undefined],
    ['remove', 'hub:acme/0', '1.0.0', undefined],
  ]);
  expect(actionsOf([], {})).toEqual([]);
});

it('a frozen sync needs a lock that says exactly what the file asks for', () => {
  const frozen = (wanted: readonly WantedPlugin[], lock: Readonly<Record<string, LockedPlugin>>) => () => {
    checkFrozen(wanted, new Map(Object.entries(lock)));
  };
  expect(frozen([{ id, version: '1.0.0' }], { [id]: lockedAt('1.0.0') })).not.toThrow();
  expect(frozen([{ id }], {})).toThrow(/it has no hub:acme\/a/);
  expect(frozen([{ id, version: '2.0.0' }], { [id]: lockedAt('1.0.0') })).toThrow(/1\.0\.0, the file 2\.0\.0/);
  expect(frozen([], { [id]: lockedAt('1.0.0') })).toThrow(/and the file does not/);
});

it('the next lock has what is wanted: as it is now, or as it was where that failed', () => {
  const old = new Map([
    ['a', lockedAt('1.0.0')],
    ['b', lockedAt('1.0.0')],
    ['c', lockedAt('1.0.0')],
  ]);
  const installed = new Map([
    ['a', installedAt('2.0.0')],
    ['b', installedAt('1.5.0')],
    ['d', installedAt('1.0.0')],
  ]);
  const next = nextLock([{ id: 'a' }, { id: 'b' }, { id: 'e' }], old, installed, new Set(['b']));
  expect([...next].map(([key, { version }]) => [key, version])).toEqual([
    ['a', '2.0.0'],
    ['b', '1.0.0'],
  ]);
});
