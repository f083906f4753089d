import { describe, expect, test } from 'vitest';
import type { WatchEvent } from '../../protocol/watch-event.ts';
import { brief, failureOf, NAMESPACES, pod, PODS, SETS, smallStore } from '../../../test/store/small-store.ts';

describe('writes', () => {
  test('a created object gets uid, revision, time and generation, and keeps nothing of the client’s own', () => {
    const { store } = smallStore();
    const created = store.create(PODS, 'a', pod('x', { uid: 'mine', generation: 7, creationTimestamp: 'yesterday' }));
    expect(created.metadata).toEqual({
      name: 'x',
      namespace: 'a',
      uid: 'uid-3',
      resourceVersion: '3',
      generation: 1,
      creationTimestamp: '2026-11-21T00:00:00Z',
    });
    expect(store.get(PODS, 'a', 'x')).toBe(created);
  });

  test('generateName makes a fresh name', () => {
    const { store } = smallStore();
    const names = [1, 2, 3].map(
      () =>
        store.create(PODS, 'a', { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'job-' } }).metadata.name,
    );
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^job-[a-z0-9]{5}$/);
  });

  test('a namespace must exist, and takes nothing new while it goes', () => {
    const { store } = smallStore();
    expect(failureOf(() => store.create(PODS, 'none', pod('x')))).toMatchObject({
      code: 404,
      message: 'namespaces "none" not found',
    });
    store.create(PODS, 'a', pod('kept', { finalizers: ['example.com/keep'] }));
    store.delete(NAMESPACES, undefined, 'a');
    expect(failureOf(() => store.create(PODS, 'a', pod('x')))).toMatchObject({
      code: 403,
      message: 'pods "x" is forbidden: unable to create new content in namespace a because it is being terminated',
    });
  });

  test('an update that changes nothing keeps the resourceVersion and is no event', () => {
    const { store } = smallStore();
    const created = store.create(PODS, 'a', pod('x', { labels: { a: '1' } }));
    const events: string[] = [];
    store.watch(PODS, {}, store.resourceVersion, (event) => events.push(brief(event)));
    const same = store.update(PODS, 'a', 'x', { ...created, metadata: { ...created.metadata } });
    expect(same.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    expect(events).toEqual([]);
  });

  test('generation counts changes of the spec, not of labels or status', () => {
    const { store } = smallStore();
    const created = store.create(PODS, 'a', pod('x'));
    const labelled = store.update(PODS, 'a', 'x', { ...created, metadata: { name: 'x', labels: { a: '1' } } });
    expect(labelled.metadata.generation).toBe(1);
    const status = { ...labelled, status: { phase: 'Running' } };
    expect(store.update(PODS, 'a', 'x', status, { subresource: 'status' }).metadata.generation).toBe(1);
    const changed = store.update(PODS, 'a', 'x', { ...pod('x'), spec: { nodeName: 'n' } });
    expect(changed.metadata.generation).toBe(2);
    expect(changed['status']).toEqual({ phase: 'Running' });
  });

  test('the status subresource changes nothing but the status', () => {
    const { store } = smallStore();
    const created = store.create(PODS, 'a', pod('x', { labels: { a: '1' } }, { nodeName: 'n' }));
    const input = { ...created, metadata: { name: 'x', labels: { a: '2' } }, spec: {}, status: { phase: 'Failed' } };
    const updated = store.update(PODS, 'a', 'x', input, { subresource: 'status' });
    expect(updated).toMatchObject({
      metadata: { labels: { a: '1' } },
      spec: { nodeName: 'n' },
      status: { phase: 'Failed' },
    });
  });

  test('another uid, an outdated resourceVersion and another name are refused', () => {
    const { store } = smallStore();
    const created = store.create(PODS, 'a', pod('x'));
    store.update(PODS, 'a', 'x', pod('x', { labels: { a: '1' } }));
    expect(failureOf(() => store.update(PODS, 'a', 'x', created))).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(failureOf(() => store.update(PODS, 'a', 'x', pod('x', { uid: 'other' })))).toMatchObject({
      code: 409,
      message: `Operation cannot be fulfilled on pods "x": Precondition failed: UID in precondition: other, UID in object meta: ${created.metadata.uid}`,
    });
    expect(failureOf(() => store.update(PODS, 'a', 'x', pod('y')))).toMatchObject({
      code: 400,
      message: 'the name of the object (y) does not match the name on the URL (x)',
    });
  });

  test('a patch and an apply with another uid are invalid, a Scale with another one and an apply of nothing with one a conflict', () => {
    const { store } = smallStore();
    const { uid } = store.create(PODS, 'a', pod('x')).metadata;
    const other = pod('x', { uid: 'other', labels: { a: '1' } });
    for (const type of ['merge', 'strategic', 'apply'] as const) {
      const options = { fieldManager: 'test', force: true };
      expect(failureOf(() => store.patch(PODS, 'a', 'x', type, other, options))).toMatchObject({
        code: 422,
        reason: 'Invalid',
        message: 'Pod "x" is invalid: metadata.uid: Invalid value: "other": field is immutable',
      });
      const same = { ...other, metadata: { ...other.metadata, uid, labels: { by: type } } };
      expect(store.patch(PODS, 'a', 'x', type, same, options).object.metadata).toMatchObject({
        uid,
        labels: { by: type },
      });
    }
    expect(failureOf(() => store.patch(PODS, 'a', 'y', 'apply', pod('y', { uid }), { fieldManager: 'test' }))).toEqual(
      expect.objectContaining({
        code: 409,
        message: `Operation cannot be fulfilled on pods "y": uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      }),
    );
    const set = store.create(SETS, 'a', { ...pod('s'), apiVersion: 'apps/v1', kind: 'ReplicaSet' });
    const scale = (given: string) => () =>
      store.patch(
        SETS,
        'a',
        's',
        'merge',
        { metadata: { uid: given }, spec: { replicas: 3 } },
        { subresource: 'scale' },
      );
    expect(failureOf(scale('other'))).toMatchObject({
      code: 409,
      message: `Operation cannot be fulfilled on replicasets/scale.apps "s": Precondition failed: UID in precondition: other, UID in object meta: ${set.metadata.uid}`,
    });
    expect(scale(set.metadata.uid)().object).toMatchObject({ spec: { replicas: 3 } });
  });

  test('a dry run answers the outcome and stores nothing', () => {
    const { store } = smallStore();
    const before = store.resourceVersion;
    expect(store.create(PODS, 'a', pod('x'), { dryRun: true }).metadata.name).toBe('x');
    store.create(PODS, 'a', pod('y'));
    expect(store.delete(PODS, 'a', 'y', { dryRun: true }).removed).toBe(true);
    store.update(PODS, 'a', 'y', pod('y', { labels: { a: '1' } }), { dryRun: true });
    expect(store.list(PODS).items.map(({ metadata }) => [metadata.name, metadata.labels])).toEqual([['y', undefined]]);
    expect(Number(store.resourceVersion)).toBe(Number(before) + 1);
  });

  test('the scale subresource reads and writes the replicas', () => {
    const { store } = smallStore();
    const body = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 's' },
      spec: { replicas: 1, other: 1 },
    };
    const id = { ...SETS, version: 'v1' };
    store.create(id, 'a', { ...body, apiVersion: 'apps/v1' });
    const { object } = store.patch(id, 'a', 's', 'merge', { spec: { replicas: 4 } }, { subresource: 'scale' });
    expect(object['spec']).toEqual({ replicas: 4, other: 1 });
    expect(object.metadata.generation).toBe(2);
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 's' }, spec: { replicas: -1 } };
    expect(failureOf(() => store.update(id, 'a', 's', scale, { subresource: 'scale' }))).toMatchObject({ code: 422 });
  });
});

describe('lists', () => {
  const fill = (names: readonly string[]) => {
    const made = smallStore();
    for (const name of names) made.store.create(PODS, 'a', pod(name));
    return made.store;
  };
  const namesOf = (list: { readonly items: readonly { readonly metadata: { readonly name: string } }[] }): string[] =>
    list.items.map(({ metadata }) => metadata.name);

  test('every page shows the state of the first one, whatever happens meanwhile', () => {
    const store = fill(['a', 'b', 'c', 'd', 'e']);
    const first = store.list(PODS, {}, { limit: 2 });
    store.delete(PODS, 'a', 'c');
    store.create(PODS, 'a', pod('bb'));
    store.update(PODS, 'a', 'd', pod('d', { labels: { new: 'yes' } }));
    const second = store.list(PODS, {}, { limit: 2, continueToken: first.continueToken });
    const third = store.list(PODS, {}, { limit: 2, continueToken: second.continueToken });
    expect([first, second, third].map(namesOf)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(second.items[1]?.metadata.labels).toBeUndefined();
    expect(third.continueToken).toBeUndefined();
    expect(new Set([first, second, third].map(({ resourceVersion }) => resourceVersion)).size).toBe(1);
    expect([first, second, third].map(({ remainingItemCount }) => remainingItemCount)).toEqual([3, 1, undefined]);
  });

  test('a page is rebuilt from the history when its snapshot is no longer kept', () => {
    const store = fill(['a', 'b', 'c', 'd']);
    const first = store.list(PODS, {}, { limit: 2 });
    for (let index = 0; index < 20; index += 1) {
      store.create(PODS, 'a', pod(`x${String(index)}`));
      store.list(PODS, {}, { limit: 1 });
    }
    store.delete(PODS, 'a', 'c');
    expect(namesOf(store.list(PODS, {}, { limit: 5, continueToken: first.continueToken }))).toEqual(['c', 'd']);
  });

  test('keys are ordered as the real server orders them, across namespaces', () => {
    const { store } = smallStore();
    store.create(NAMESPACES, undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a-b' } });
    for (const [namespace, name] of [
      ['b', 'x'],
      ['a-b', 'x'],
      ['a', 'z'],
    ] as const) {
      store.create(PODS, namespace, pod(name));
    }
    const spaces = store.list(PODS, {}, { limit: 2 });
    expect(spaces.items.map(({ metadata }) => metadata.namespace)).toEqual(['a-b', 'a']);
    const rest = store.list(PODS, {}, { limit: 2, continueToken: spaces.continueToken });
    expect(rest.items.map(({ metadata }) => metadata.namespace)).toEqual(['b']);
  });

  test('no count of what remains is given with selectors', () => {
    const store = fill(['a', 'b', 'c']);
    const page = store.list(PODS, { labelSelector: '!none' }, { limit: 1 });
    expect(page.continueToken).toBeDefined();
    expect(page.remainingItemCount).toBeUndefined();
  });

  test('Exact shows an old state, NotOlderThan the present one, 0 takes no limit', () => {
    const store = fill(['a', 'b']);
    const old = store.resourceVersion;
    store.delete(PODS, 'a', 'a');
    expect(namesOf(store.list(PODS, {}, { resourceVersion: old, resourceVersionMatch: 'Exact' }))).toEqual(['a', 'b']);
    expect(namesOf(store.list(PODS, {}, { resourceVersion: old, resourceVersionMatch: 'NotOlderThan' }))).toEqual([
      'b',
    ]);
    expect(store.list(PODS, {}, { resourceVersion: old, limit: 1 }).resourceVersion).toBe(old);
    store.create(PODS, 'a', pod('c'));
    expect(namesOf(store.list(PODS, {}, { resourceVersion: '0', limit: 1 }))).toEqual(['b', 'c']);
    store.compact();
    const exact = { resourceVersion: old, resourceVersionMatch: 'Exact' };
    expect(failureOf(() => store.list(PODS, {}, exact))).toMatchObject({ code: 410, reason: 'Expired' });
  });

  test('what is no resourceVersion and no continue token is a bad request', () => {
    const store = fill(['a']);
    expect(failureOf(() => store.list(PODS, {}, { resourceVersion: 'x1' })).code).toBe(400);
    for (const continueToken of ['%%%', 'e30', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhIn0']) {
      expect(failureOf(() => store.list(PODS, {}, { limit: 1, continueToken })).code).toBe(400);
    }
  });
});

describe('watches', () => {
  const record = (store: ReturnType<typeof smallStore>['store'], selection = {}, from = store.resourceVersion) => {
    const events: WatchEvent[] = [];
    const stop = store.watch(PODS, selection, from, (event) => events.push(event));
    return { events, stop, brief: () => events.map(brief) };
  };

  test('a watch begins with the changes after its resourceVersion and goes on', () => {
    const { store } = smallStore();
    const from = store.resourceVersion;
    store.create(PODS, 'a', pod('x'));
    const { brief: seen, stop } = record(store, {}, from);
    store.update(PODS, 'a', 'x', pod('x', { labels: { a: '1' } }));
    store.delete(PODS, 'a', 'x');
    const all = ['ADDED a/x @3', 'MODIFIED a/x @4', 'MODIFIED a/x @5', 'DELETED a/x @6'];
    expect(seen()).toEqual(all);
    stop();
    store.create(PODS, 'a', pod('y'));
    expect(seen()).toEqual(all);
  });

  test('a selection sees objects come and go', () => {
    const { store } = smallStore();
    const { events, brief: seen } = record(store, { namespace: 'a', labelSelector: 'app=web' });
    store.create(PODS, 'b', pod('x', { labels: { app: 'web' } }));
    store.create(PODS, 'a', pod('x', { labels: { app: 'db' } }));
    store.update(PODS, 'a', 'x', pod('x', { labels: { app: 'web' } }));
    store.update(PODS, 'a', 'x', pod('x', { labels: { app: 'db' } }));
    expect(seen()).toEqual(['ADDED a/x @5', 'DELETED a/x @6']);
    expect(events[1]?.object.metadata.labels).toEqual({ app: 'web' });
  });

  test('watchers without selectors share one event object', () => {
    const { store } = smallStore();
    const one = record(store);
    const two = record(store, { namespace: 'a' });
    store.create(PODS, 'a', pod('x'));
    expect(one.events[0]).toBe(two.events[0]);
  });

  test('a listener that writes does not change the order for the others', () => {
    const { store } = smallStore();
    store.watch(PODS, {}, store.resourceVersion, ({ type, object }) => {
      if (type === 'ADDED')
        store.update(
          PODS,
          'a',
          object.metadata.name,
          { ...object, status: { phase: 'Running' } },
          { subresource: 'status' },
        );
    });
    const { brief: seen } = record(store);
    store.create(PODS, 'a', pod('x'));
    expect(seen()).toEqual(['ADDED a/x @3', 'MODIFIED a/x @4']);
  });

  test('a watch from a revision that has not come yet is answered 504', () => {
    const { store } = smallStore();
    expect(failureOf(() => record(store, {}, '5'))).toMatchObject({
      code: 504,
      reason: 'Timeout',
      message: 'Timeout: Too large resource version: 5, current: 2',
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
    });
  });

  test('a watch that begins while changes are being told sees each of them once', () => {
    const { store } = smallStore();
    let late: ReturnType<typeof record> | undefined;
    store.watch(PODS, {}, store.resourceVersion, () => {
      if (late) return;
      store.create(PODS, 'a', pod('y'));
      late = record(store, {}, '2');
    });
    store.create(PODS, 'a', pod('x'));
    expect(late?.brief()).toEqual(['ADDED a/x @3', 'ADDED a/y @4']);
  });

  test('a listener that throws costs the others nothing', () => {
    const { store } = smallStore();
    store.watch(PODS, {}, store.resourceVersion, () => {
      throw new Error('broken listener');
    });
    const { brief: seen } = record(store);
    expect(() => store.create(PODS, 'a', pod('x'))).toThrow('broken listener');
    expect(seen()).toEqual(['ADDED a/x @3']);
    expect(store.get(PODS, 'a', 'x').metadata.name).toBe('x');
  });

  test('changes beyond the window by count or by age are answered 410', () => {
    const { store, clock } = smallStore({ maxEvents: 5, maxAgeMs: 60_000 });
    for (let index = 0; index < 8; index += 1) store.create(PODS, 'a', pod(`x${String(index)}`));
    expect(failureOf(() => record(store, {}, '4'))).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: 'too old resource version: 4 (5)',
    });
    expect(record(store, {}, '5').events).toHaveLength(5);
    clock.nowMs += 61_000;
    store.create(PODS, 'a', pod('y'));
    expect(failureOf(() => record(store, {}, '9')).code).toBe(410);
    expect(record(store, {}, '10').brief()).toEqual(['ADDED a/y @11']);
  });

  test('watches of a type that is removed see its objects go, then end', () => {
    const { store } = smallStore();
    const custom = { ...PODS, group: 'example.com', resource: 'widgets', kind: 'Widget', strategicMerge: false };
    const undefine = store.define(custom);
    store.create(custom, 'a', { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } });
    const seen: string[] = [];
    store.watch(
      custom,
      {},
      store.resourceVersion,
      (event) => seen.push(event.type),
      () => seen.push('ended'),
    );
    undefine();
    undefine();
    expect(seen).toEqual(['DELETED', 'ended']);
    expect(failureOf(() => store.list(custom)).code).toBe(404);
  });

  test('two versions of a type are one set of objects', () => {
    const { store } = smallStore();
    const v1 = { ...PODS, group: 'example.com', resource: 'widgets', kind: 'Widget', strategicMerge: false };
    const v2 = { ...v1, version: 'v2' };
    store.define(v1);
    store.define(v2);
    const events: WatchEvent[] = [];
    store.watch(v2, {}, store.resourceVersion, (event) => events.push(event));
    store.create(v1, 'a', { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } });
    expect(store.get(v2, 'a', 'w').apiVersion).toBe('example.com/v2');
    expect(store.list(v2).items[0]?.apiVersion).toBe('example.com/v2');
    expect(events[0]?.object.apiVersion).toBe('example.com/v2');
    expect(store.get(v1, 'a', 'w').apiVersion).toBe('example.com/v1');
  });
});
