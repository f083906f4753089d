import { expect, test } from 'vitest';
import type { KubeObject } from '../../protocol/kube-object.ts';
import { brief, failureOf, NAMESPACES, pod, PODS, SETS, smallStore } from '../../../test/store/small-store.ts';

const SET_BODY = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 's' }, spec: {} };

const ownedBy = (...owners: readonly KubeObject[]) => ({
  ownerReferences: owners.map(({ apiVersion, kind, metadata: { name, uid } }) => ({
    apiVersion,
    kind,
    name,
    uid,
    blockOwnerDeletion: true,
  })),
});

function watched() {
  const { store, clock } = smallStore();
  const events: string[] = [];
  for (const id of [NAMESPACES, PODS, SETS]) {
    store.watch(id, {}, store.resourceVersion, (event) => events.push(brief(event).replace(/ @.*/, '')));
  }
  return { store, clock, events };
}

const exists = (store: ReturnType<typeof smallStore>['store'], name: string, namespace = 'a'): boolean =>
  store.list(PODS, { namespace, fieldSelector: `metadata.name=${name}` }).items.length > 0;

test('a pod on a node gets a deletionTimestamp and waits; the second deletion with grace 0 removes it', () => {
  const { store, events } = watched();
  store.create(PODS, 'a', pod('x', {}, { nodeName: 'n' }));
  const first = store.delete(PODS, 'a', 'x');
  expect(first.removed).toBe(false);
  expect(first.object.metadata).toMatchObject({
    deletionTimestamp: '2026-11-21T00:00:30Z',
    deletionGracePeriodSeconds: 30,
    generation: 2,
  });
  const again = store.delete(PODS, 'a', 'x');
  expect(again.object).toBe(first.object);
  const sooner = store.delete(PODS, 'a', 'x', { gracePeriodSeconds: 5 });
  expect(sooner.object.metadata).toMatchObject({ deletionGracePeriodSeconds: 5, generation: 2 });
  expect(store.delete(PODS, 'a', 'x', { gracePeriodSeconds: 0 }).removed).toBe(true);
  expect(events).toEqual(['ADDED a/x', 'MODIFIED a/x', 'MODIFIED a/x', 'MODIFIED a/x', 'DELETED a/x']);
});

test('a pod without a node goes at once, whatever grace is asked for', () => {
  const { store } = watched();
  store.create(PODS, 'a', pod('x'));
  expect(store.delete(PODS, 'a', 'x', { gracePeriodSeconds: 60 }).removed).toBe(true);
});

test('finalizers keep an object until the last one is taken away', () => {
  const { store, events } = watched();
  store.create(SETS, 'a', { ...SET_BODY, metadata: { name: 's', finalizers: ['example.com/a', 'example.com/b'] } });
  const { object, removed } = store.delete(SETS, 'a', 's');
  expect(removed).toBe(false);
  expect(object.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, deletionTimestamp: '2026-11-21T00:00:00Z' });
  store.patch(SETS, 'a', 's', 'merge', { metadata: { finalizers: ['example.com/b'] } });
  expect(store.get(SETS, 'a', 's').metadata.finalizers).toEqual(['example.com/b']);
  store.patch(SETS, 'a', 's', 'merge', { metadata: { finalizers: null } });
  expect(failureOf(() => store.get(SETS, 'a', 's')).code).toBe(404);
  expect(events).toEqual(['ADDED a/s', 'MODIFIED a/s', 'MODIFIED a/s', 'DELETED a/s']);
});

test('preconditions on uid and resourceVersion are kept', () => {
  const { store } = watched();
  const { metadata } = store.create(PODS, 'a', pod('x'));
  const remove = (preconditions: { uid?: string; resourceVersion?: string }) =>
    store.delete(PODS, 'a', 'x', { preconditions });
  expect(failureOf(() => remove({ uid: 'other' }))).toMatchObject({ code: 409, reason: 'Conflict' });
  expect(failureOf(() => remove({ resourceVersion: '1' }))).toMatchObject({ code: 409, reason: 'Conflict' });
  expect(remove({ uid: metadata.uid, resourceVersion: metadata.resourceVersion }).removed).toBe(true);
});

test('dependants go after their owner; those with another owner lose a reference', () => {
  const { store, events } = watched();
  const one = store.create(SETS, 'a', SET_BODY);
  const two = store.create(SETS, 'a', { ...SET_BODY, metadata: { name: 't' } });
  store.create(PODS, 'a', pod('own', ownedBy(one)));
  store.create(PODS, 'a', pod('shared', ownedBy(one, two)));
  events.length = 0;
  store.delete(SETS, 'a', 's', { propagationPolicy: 'Background' });
  expect(events).toEqual(['DELETED a/s', 'MODIFIED a/own', 'DELETED a/own', 'MODIFIED a/shared']);
  expect(store.get(PODS, 'a', 'shared').metadata.ownerReferences).toEqual(ownedBy(two).ownerReferences);
});

test('with Orphan dependants stay, without the reference', () => {
  const { store } = watched();
  const owner = store.create(SETS, 'a', SET_BODY);
  store.create(PODS, 'a', pod('x', ownedBy(owner)));
  store.delete(SETS, 'a', 's', { propagationPolicy: 'Orphan' });
  expect(store.get(PODS, 'a', 'x').metadata.ownerReferences).toBeUndefined();
});

test('with Foreground the owner waits for its last dependant', () => {
  const { store } = watched();
  const owner = store.create(SETS, 'a', SET_BODY);
  store.create(PODS, 'a', pod('x', ownedBy(owner), { nodeName: 'n' }));
  store.create(PODS, 'a', pod('y', ownedBy(owner)));
  const { object, removed } = store.delete(SETS, 'a', 's', { propagationPolicy: 'Foreground' });
  expect(removed).toBe(false);
  expect(object.metadata.finalizers).toEqual(['foregroundDeletion']);
  expect([exists(store, 'x'), exists(store, 'y')]).toEqual([true, false]);
  store.delete(PODS, 'a', 'x', { gracePeriodSeconds: 0 });
  expect(failureOf(() => store.get(SETS, 'a', 's')).code).toBe(404);
});

test('with Foreground an owner does not wait for dependants that do not block it', () => {
  const { store } = watched();
  const { apiVersion, kind, metadata } = store.create(SETS, 'a', SET_BODY);
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid };
  store.create(PODS, 'a', pod('x', { ownerReferences: [reference] }, { nodeName: 'n' }));
  expect(store.delete(SETS, 'a', 's', { propagationPolicy: 'Foreground' }).removed).toBe(true);
  expect(store.get(PODS, 'a', 'x').metadata.deletionTimestamp).toBeDefined();
});

test('a namespace takes its content along and goes when it is empty', () => {
  const { store } = watched();
  store.create(PODS, 'a', pod('x', {}, { nodeName: 'n' }));
  store.create(PODS, 'a', pod('y'));
  store.create(PODS, 'b', pod('z'));
  const { object, removed } = store.delete(NAMESPACES, undefined, 'a');
  expect(removed).toBe(false);
  expect(object['status']).toEqual({ phase: 'Terminating' });
  expect([exists(store, 'x'), exists(store, 'y'), exists(store, 'z', 'b')]).toEqual([true, false, true]);
  store.delete(PODS, 'a', 'x', { gracePeriodSeconds: 0 });
  expect(failureOf(() => store.get(NAMESPACES, undefined, 'a')).code).toBe(404);
  expect(store.delete(NAMESPACES, undefined, 'b').removed).toBe(true);
  expect(exists(store, 'z', 'b')).toBe(false);
});
