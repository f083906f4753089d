import { expect, it } from 'vitest';
import type { PluginSummary } from '@fleetwire/plugin-manager';
import { changesByKind, groupUnknown, reconcileUpdates, sortUpdates } from './update-list.ts';

it('updates are sorted by what is to be done', () => {
  const failure = { code: 'E_NETWORK', message: 'reset', phase: 'resolve', retryable: true, details: {} } as const;
  const sorted = sortUpdates({
    items: [
      { id: 'a:b/c', installedVersion: '1.0.0', state: 'available', version: '1.1.0', changes: [] },
      { id: 'a:b/d', installedVersion: '1.0.0', state: 'up-to-date' },
      { id: 'a:b/e', installedVersion: '1.0.0', state: 'pinned' },
      { id: 'a:b/f', installedVersion: '1.0.0', state: 'unknown', failure },
    ],
  });
  expect(sorted.available.map(({ id }) => id)).toEqual(['a:b/c']);
  expect(sorted.pinned.map(({ id }) => id)).toEqual(['a:b/e']);
  expect(sorted.unknown.map(({ failure: why }) => why.code)).toEqual(['E_NETWORK']);
  expect(sorted.upToDateCount).toBe(1);
});

it('a source that did not answer is one cause, whatever it was asked for', () => {
  const unknown = (id: string, code: 'E_NETWORK' | 'E_PLUGIN_DENIED' | 'E_HTTP_STATUS', retryable = true) =>
    ({
      id,
      installedVersion: '1.0.0',
      state: 'unknown',
      failure: { code, message: id, phase: 'resolve', retryable, details: {} },
    }) as const;
  const groups = groupUnknown([
    unknown('lab:b/c', 'E_NETWORK'),
    unknown('lab:b/d', 'E_PLUGIN_DENIED'),
    unknown('lab:b/e', 'E_NETWORK'),
    unknown('hub:b/c', 'E_NETWORK'),
    unknown('lab:b/f', 'E_PLUGIN_DENIED'),
    unknown('lab:b/g', 'E_HTTP_STATUS'),
    unknown('lab:b/h', 'E_HTTP_STATUS', false),
  ]);
  expect(groups.map(({ source, ids }) => [source, ids])).toEqual([
    ['lab', ['lab:b/c', 'lab:b/e']],
    [undefined, ['lab:b/d']],
    ['hub', ['hub:b/c']],
    [undefined, ['lab:b/f']],
    ['lab', ['lab:b/g']],
    [undefined, ['lab:b/h']],
  ]);
});

it('what may need care comes first, and nothing is lost for want of a kind', () => {
  const groups = changesByKind([
    { kind: 'added', description: 'a' },
    { kind: 'security', description: 's' },
    { description: 'n' },
    { kind: 'Fixed', description: 'f' },
    { kind: 'strange', description: 'x' },
  ]);
  expect(groups).toEqual([
    { heading: 'Security', descriptions: ['s'] },
    { heading: 'Added', descriptions: ['a'] },
    { heading: 'Fixed', descriptions: ['f'] },
    { heading: 'Other', descriptions: ['n', 'x'] },
  ]);
  expect(changesByKind(undefined)).toEqual([]);
});

it('an update that no longer fits what is installed is not offered', () => {
  const plugin = (version: string, isPinned = false) => ({ version, isPinned }) as PluginSummary;
  const installed = new Map([
    ['a:b/c', plugin('1.0.0')],
    ['a:b/d', plugin('1.1.0')],
    ['a:b/e', plugin('1.0.0', true)],
  ]);
  const available = { installedVersion: '1.0.0', state: 'available', version: '1.1.0', changes: [] } as const;
  const items = ['a:b/c', 'a:b/d', 'a:b/e', 'a:b/gone'].map((id) => ({ id, ...available }));
  const { items: left } = reconcileUpdates({ items }, installed);
  expect(left.map(({ id, state }) => [id, state])).toEqual([
    ['a:b/c', 'available'],
    ['a:b/e', 'pinned'],
  ]);
});
