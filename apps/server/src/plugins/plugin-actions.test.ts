import type { PluginManager } from '@fleetwire/plugin-manager/node';
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
