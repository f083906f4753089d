import { expect, it } from 'vitest';
import { clusterCards } from './cluster-cards.ts';

const info = (name: string, isOwn = false) => ({
  name,
  state: 'ready' as const,
  since: 0,
  ...(isOwn ? { isOwn } : {}),
});
const own = (name: string, problem?: string) => ({
  id: `id of ${name}`,
  name,
  server: 'https://c.example',
  createdAt: 0,
  ...(problem === undefined ? {} : { problem }),
});

it('clusters stand by name, those that the user brought with what can be done to them', () => {
  expect(clusterCards([info('b10', true), info('b9')], [own('b10')])).toMatchObject([
    { kind: 'cluster', name: 'b9', own: undefined },
    { kind: 'cluster', name: 'b10', own: { id: 'id of b10' } },
  ]);
});

it('one that cannot be used is shown with its reason, whether the channel has it or not', () => {
  const broken = own('a', 'its key is not there');
  for (const infos of [[], [info('a', true)]]) {
    expect(clusterCards(infos, [broken])).toEqual([
      { kind: 'unusable', name: 'a', own: broken, reason: 'its key is not there' },
    ]);
  }
});

it('one whose name the organisation has taken is shown beside that, and is not taken for it', () => {
  expect(clusterCards([info('a')], [own('a', 'the name is taken')])).toMatchObject([
    { kind: 'cluster', own: undefined },
    { kind: 'unusable', reason: 'the name is taken' },
  ]);
});

it('one that the channel does not show yet is waited for', () => {
  expect(clusterCards([], [own('a')])).toEqual([]);
});
