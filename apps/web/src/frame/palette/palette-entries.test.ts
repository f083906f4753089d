import type { Registered } from '@fleetwire/plugin-manager/browser';
import { expect, it } from 'vitest';
import { kindEntry } from '../../kube/kinds.ts';
import { fuzzyFilter } from './fuzzy-match.ts';
import {
  chosenEntry,
  commandEntries,
  paletteEntries,
  parseRecent,
  recentFirst,
  textOfEntry,
  withRecent,
} from './palette-entries.ts';

const entries = paletteEntries(
  [{ name: 'demo', state: 'ready', since: 0 }],
  [{ ...kindEntry('apps/v1/deployments'), names: ['deploy'] }, kindEntry('v1/pods')],
  ['kube-system'],
);

it.each([
  ['deploy', 'Deployments'],
  ['dem', 'demo'],
  ['kubsys', 'kube-system'],
  ['apps/v1', 'Deployments'],
  ['conn', 'Connections'],
  ['namespace', 'kube-system'],
  ['kubeconf', 'Add kubeconfig'],
])('%j leads to %s', (query, title) => {
  expect(fuzzyFilter(query, entries, textOfEntry)[0]?.title).toBe(title);
});

it('an address of an entry is one that can be opened, whatever the names hold', () => {
  const [entry] = paletteEntries([{ name: 'a/b&c', state: 'ready', since: 0 }], [], []).slice(-1);
  expect(new URL(entry?.href ?? '', 'http://x').searchParams.get('clusters')).toBe('a/b&c');
});

it('who types on and presses Enter goes to what was typed, whatever is marked in the list that is still shown', () => {
  const list = { query: 'co', shown: fuzzyFilter('co', entries, textOfEntry), index: 1 };
  expect(list.shown.length).toBeGreaterThan(1);
  expect(chosenEntry('co', entries, list)).toBe(list.shown[1]);
  expect(fuzzyFilter('conn', entries, textOfEntry).length).toBeGreaterThan(1);
  expect(chosenEntry('conn', entries, list)?.title).toBe('Connections');
  expect(chosenEntry('no such', entries, list)).toBeUndefined();
});

it('what was gone to of late comes first, the newest before the rest, and is bounded', () => {
  let recent: readonly string[] = [];
  for (const { href } of entries) recent = withRecent(recent, href);
  recent = withRecent(recent, '/connections');
  expect(recent).toHaveLength(6);
  const first = recentFirst(entries, [...recent, '/gone']);
  expect(first.slice(0, 2).map(({ title }) => title)).toEqual(['Connections', 'kube-system']);
  expect(first).toHaveLength(entries.length);
});

it('what was stored by another version is no harm', () => {
  expect([parseRecent(undefined), parseRecent({ a: 1 }), parseRecent(['/', 3])]).toEqual([[], [], ['/']]);
});

it('a command of a plugin is found by its title and by the name of the plugin', () => {
  const command: Registered<'command'> = {
    key: 'hub:acme/images#command/show',
    pluginId: 'hub:acme/images',
    kind: 'command',
    value: { id: 'show', title: 'Show everything', run: () => undefined },
    isDeclared: true,
  };
  const [entry] = commandEntries([command], () => 'Images');
  expect(entry).toMatchObject({ href: command.key, kind: 'Command', from: 'Images' });
  const all = [...entries, ...commandEntries([command], () => 'Images')];
  expect(fuzzyFilter('show every', all, textOfEntry)[0]).toMatchObject({ title: 'Show everything' });
  expect(fuzzyFilter('images', all, textOfEntry)[0]).toMatchObject({ title: 'Show everything' });
});
