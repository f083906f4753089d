import { expect, it } from 'vitest';
import type { ApiResource } from '@fleetwire/kube-watch';
import type { ListRow } from '../rows/list-row.ts';
import { actionsOf, forEachRow, seenIn, whyNot } from './bulk-actions.ts';

const deployments = { group: 'apps', version: 'v1', resource: 'deployments' };
const kind: ApiResource = {
  ...deployments,
  kind: 'Deployment',
  namespaced: true,
  verbs: ['list', 'delete', 'patch'],
  subresources: ['scale', 'status'],
  isPreferred: true,
};
const row = (name: string): ListRow => ({
  key: name,
  cluster: 'demo',
  object: { metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1' }, cells: [] },
  revision: 0,
  changedIn: undefined,
});

it('a kind has the actions that make sense for it', () => {
  expect(actionsOf(deployments, kind)).toEqual(['restart', 'scale', 'delete']);
  expect(actionsOf({ version: 'v1', resource: 'pods' }, { ...kind, subresources: ['log'] })).toEqual(['delete']);
  expect(actionsOf({ group: 'apps', version: 'v1', resource: 'daemonsets' }, undefined)).toEqual(['restart', 'delete']);
});

it('an action says why it cannot be done', () => {
  expect(whyNot('delete', deployments, kind, true)).toBeUndefined();
  expect(whyNot('delete', deployments, kind, false)).toContain('role');
  expect(whyNot('delete', deployments, { ...kind, verbs: ['list'] }, true)).toContain('cannot be deleted');
});

it('rows are worked on a few at once, and one that fails stops no other', async () => {
  let underWay = 0;
  let most = 0;
  const outcome = await forEachRow(Array.from('abcdefghij', row), async ({ object }) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await Promise.resolve();
    underWay -= 1;
    if (object.metadata.name === 'c') throw new Error('it is protected');
  });
  expect(outcome).toEqual({ done: 9, failures: [{ name: 'c', message: 'it is protected' }] });
  expect(most).toBe(6);
});

it('a write knows the very object that a row shows', () => {
  const ref = { cluster: 'demo', resource: deployments, namespace: 'default', name: 'web' };
  expect(seenIn(row('web'), deployments)).toEqual({ ref, uid: 'uid-web' });
});
