import type { Operation, PluginManager } from '@fleetwire/plugin-manager/node';
import { expect, it } from 'vitest';
import { createPluginActions } from './plugin-actions.ts';

it('begins none of many operations where not all of them may wait', () => {
  let waiting = 150;
  const { checkRoom } = createPluginActions({
    manager: () => ({}) as PluginManager,
    pending: () => waiting,
    audit: { record: () => Promise.resolve() },
    organisations: { idOf: () => undefined } as never,
  });
  checkRoom(50);
  expect(() => {
    checkRoom(51);
  }).toThrow('too many operations');
  waiting = 200;
  expect(() => {
    checkRoom(1);
  }).toThrow('too many operations');
});

it('notes each end that the manager tells of once, with its user and versions; of the whole store its route does', async () => {
  const entries: unknown[] = [];
  const actions = createPluginActions({
    manager: () => ({}) as PluginManager,
    pending: () => 0,
    audit: {
      record: async (entry) => {
        entries.push(entry);
      },
    },
    organisations: { idOf: () => 'o1' } as never,
  });
  const user = { userId: 'u1', username: 'ada' };
  const operation = { id: 'op', action: 'install', pluginId: 'hub:a/b' } as Operation<unknown>;
  await actions.start(user, () => operation);
  const end = { operationId: 'op', action: 'install', pluginId: 'hub:a/b', actor: 'ada' } as const;
  await actions.ended({ ...end, outcome: 'cancelled', code: 'E_CANCELLED' });
  await actions.ended({ ...end, operationId: 'cli', outcome: 'done', from: undefined, to: '1.0.0', build: '1.0.0-b' });
  await actions.ended({ operationId: 'all', action: 'repair', outcome: 'done' });
  const of = { orgId: 'o1', target: 'hub:a/b' };
  expect(entries).toEqual([
    { ...of, user, action: 'plugin.install', detail: { operationId: 'op' } },
    { ...of, user, action: 'plugin.install.cancelled', detail: { operationId: 'op', code: 'E_CANCELLED' } },
    {
      ...of,
      action: 'plugin.install.done',
      detail: { operationId: 'cli', to: '1.0.0', build: '1.0.0-b', actor: 'ada' },
    },
  ]);
});
