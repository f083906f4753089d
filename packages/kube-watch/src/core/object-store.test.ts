import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject, WatchEvent } from '../protocol/kube-object.ts';
import { ObjectStore, type StoreChange } from './object-store.ts';
import { indexByLabel, indexByNamespace, indexByOwner } from './store-index.ts';

interface Pod extends KubeObject {
  readonly phase?: string;
}

function pod(name: string, version: number | string, { uid = `uid-${name}`, namespace = 'x', ...rest } = {}): Pod {
  return { metadata: { name, namespace, uid, resourceVersion: String(version), ...rest } };
}

const added = (object: Pod): WatchEvent<Pod> => ({ type: 'ADDED', object });
const modified = (object: Pod): WatchEvent<Pod> => ({ type: 'MODIFIED', object });
const deleted = (object: Pod): WatchEvent<Pod> => ({ type: 'DELETED', object });
const names = (store: ObjectStore<Pod>) => store.snapshot().map(({ metadata }) => metadata.name);

function recording() {
  const changes: [string, string, string][] = [];
  const store = new ObjectStore<Pod>({
    onChange: ({ type, object }: StoreChange<Pod>) => changes.push([type, object.metadata.name, object.metadata.uid]),
  });
  return { store, changes };
}

describe('events', () => {
  it('[W13] MODIFIED of what is unknown adds it, ADDED of what is known updates it', () => {
    const store = new ObjectStore<Pod>();
    expect(store.apply(modified(pod('a', 1)))).toBe('added');
    expect(store.apply(added(pod('a', 2)))).toBe('modified');
    expect(store.get('a', 'x')?.metadata.resourceVersion).toBe('2');
    expect(store.size).toBe(1);
  });

  it('[W13] DELETED of what is unknown does nothing, and changes no snapshot', () => {
    const store = new ObjectStore<Pod>();
    store.apply(added(pod('a', 1)));
    const before = store.snapshot();
    expect(store.apply(deleted(pod('b', 2)))).toBe('ignored');
    expect(store.apply(deleted(pod('a', 2, { uid: 'other' })))).toBe('ignored');
    expect(store.snapshot()).toBe(before);
  });

  it('[W14] another uid under the same name is another object', () => {
    const { store, changes } = recording();
    store.apply(added(pod('a', 1, { uid: 'old' })));
    expect(store.apply(modified(pod('a', 5, { uid: 'new' })))).toBe('added');
    expect(changes).toEqual([
      ['added', 'a', 'old'],
      ['deleted', 'a', 'old'],
      ['added', 'a', 'new'],
    ]);
    expect(store.apply(deleted(pod('a', 9, { uid: 'old' })))).toBe('ignored');
    expect(store.apply(added(pod('a', 4, { uid: 'old' })))).toBe('ignored');
    expect(store.get('a', 'x')?.metadata.uid).toBe('new');
  });

  it('[W15] what is not newer than the stored object of the same uid is ignored', () => {
    const store = new ObjectStore<Pod>();
    store.apply(added(pod('a', 10)));
    const before = store.snapshot();
    expect(store.apply(modified(pod('a', 9)))).toBe('ignored');
    expect(store.apply(modified(pod('a', 10)))).toBe('ignored');
    expect(store.snapshot()).toBe(before);
    expect(store.apply(modified(pod('a', 11)))).toBe('modified');
  });

  it('[W15] without decimals only the same version is ignored', () => {
    const store = new ObjectStore<Pod>();
    store.apply(added(pod('a', 'v9')));
    expect(store.apply(modified(pod('a', 'v9')))).toBe('ignored');
    expect(store.apply(modified(pod('a', 'v10')))).toBe('modified');
    expect(store.apply(modified(pod('a', 'v1')))).toBe('modified');
  });

  it('[W15] an old deletion does not take away what came back into the selector', () => {
    const store = new ObjectStore<Pod>();
    store.apply(added(pod('a', 10)));
    expect(store.apply(deleted(pod('a', 8)))).toBe('ignored');
    expect(store.apply(deleted(pod('a', 10)))).toBe('deleted');
  });

  it('[W15] what the list holds already, or no more, is not brought back by an event from before it', () => {
    const store = new ObjectStore<Pod>();
    store.replace([pod('a', 5)], '20');
    expect(store.apply(added(pod('gone', 12)))).toBe('ignored');
    expect(store.apply(added(pod('new', 21)))).toBe('added');
    // A restored backup begins at lower versions; the list says so.
    store.replace([], '3');
    expect(store.apply(added(pod('later', 4)))).toBe('added');
  });

  it('BOOKMARK and ERROR change nothing', () => {
    const store = new ObjectStore<Pod>();
    expect(store.apply({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '5' } } })).toBe('ignored');
    expect(store.apply({ type: 'ERROR', object: { kind: 'Status' } })).toBe('ignored');
  });

  it('the same name in two namespaces, and without one, is three objects', () => {
    const store = new ObjectStore<Pod>();
    store.apply(added(pod('a', 1, { namespace: 'x' })));
    store.apply(added(pod('a', 2, { namespace: 'y', uid: 'y' })));
    store.apply(added({ metadata: { name: 'a', uid: 'cluster', resourceVersion: '3' } }));
    expect(store.size).toBe(3);
    expect(store.get('a')?.metadata.uid).toBe('cluster');
  });
});

describe('[L4] a list replaces the store', () => {
  it('removes what it does not hold, and keeps the reference of what it holds unchanged', () => {
    const { store, changes } = recording();
    store.replace([pod('a', 1), pod('b', 2), pod('c', 3)], '3');
    const [a] = store.snapshot();
    changes.length = 0;
    expect(store.replace([pod('a', 1), pod('b', 7), pod('d', 8)], '8')).toEqual({
      added: 1,
      modified: 1,
      deleted: 1,
      unchanged: 1,
    });
    expect(store.snapshot()[0]).toBe(a);
    expect(names(store)).toEqual(['a', 'b', 'd']);
    expect(changes).toEqual([
      ['modified', 'b', 'uid-b'],
      ['added', 'd', 'uid-d'],
      ['deleted', 'c', 'uid-c'],
    ]);
  });

  it('keeps the snapshot when it changes nothing', () => {
    const store = new ObjectStore<Pod>();
    store.replace([pod('a', 1), pod('b', 2)], '3');
    const before = store.snapshot();
    store.replace([pod('a', 1), pod('b', 2)], '9');
    expect(store.snapshot()).toBe(before);
    store.replace([pod('b', 2), pod('a', 1)], '9');
    expect(names(store)).toEqual(['b', 'a']);
  });

  it('[W14] takes another uid under the same name for another object', () => {
    const { store, changes } = recording();
    store.replace([pod('a', 1, { uid: 'old' })], '1');
    store.replace([pod('a', 2, { uid: 'new' })], '2');
    expect(changes.slice(1)).toEqual([
      ['deleted', 'a', 'old'],
      ['added', 'a', 'new'],
    ]);
  });

  it('takes objects of an aggregated API, which may have neither uid nor resourceVersion', () => {
    const metrics = (usage: string) => ({ metadata: { name: 'a', namespace: 'x' }, usage }) as unknown as Pod;
    const store = new ObjectStore<Pod>();
    store.replace([metrics('1')], '');
    store.replace([metrics('2')], '');
    expect(store.snapshot()).toEqual([metrics('2')]);
    expect(store.apply(added(metrics('3')))).toBe('modified');
  });
});

describe('the snapshot', () => {
  it('is the same array until something changed, and no later change reaches one that was taken', () => {
    const store = new ObjectStore<Pod>();
    store.apply(added(pod('a', 1)));
    const first = store.snapshot();
    expect(store.snapshot()).toBe(first);
    store.apply(added(pod('b', 2)));
    store.apply(deleted(pod('a', 3)));
    expect(first.map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(names(store)).toEqual(['b']);
  });

  it('keeps the place of what is modified and puts additions at the end', () => {
    const store = new ObjectStore<Pod>();
    store.replace([pod('b', 1), pod('a', 2), pod('c', 3)], '3');
    store.apply(modified(pod('a', 4)));
    store.apply(deleted(pod('b', 5)));
    store.apply(added(pod('b', 6)));
    expect(names(store)).toEqual(['a', 'c', 'b']);
  });

  it('holds no more than is there after many deletions that nobody looked at', () => {
    const store = new ObjectStore<Pod>();
    let version = 0;
    for (let round = 0; round < 10_000; round += 1) {
      store.apply(added(pod('a', (version += 1))));
      store.apply(deleted(pod('a', (version += 1))));
      store.apply(added(pod(`b-${round % 7}`, (version += 1), { uid: `b-${round}` })));
    }
    expect(names(store).sort()).toEqual(['b-0', 'b-1', 'b-2', 'b-3', 'b-4', 'b-5', 'b-6']);
  });
});

describe('the transform', () => {
  it('drops managedFields by default, and leaves the event as it was', () => {
    const object = pod('a', 1, { managedFields: [{}] } as object);
    const store = new ObjectStore<Pod>();
    store.apply(added(object));
    expect(store.get('a', 'x')?.metadata).toEqual(pod('a', 1).metadata);
    expect(object.metadata.managedFields).toEqual([{}]);
  });

  it('runs once for each object that is new, in lists too', () => {
    const seen: string[] = [];
    const transform = (object: Pod) => {
      seen.push(`${object.metadata.name}@${object.metadata.resourceVersion}`);
      return { ...object, phase: 'kept' };
    };
    const store = new ObjectStore<Pod>({ transform });
    store.replace([pod('a', 1), pod('b', 2)], '2');
    store.replace([pod('a', 1), pod('b', 3)], '3');
    store.apply(modified(pod('a', 1)));
    expect(seen).toEqual(['a@1', 'b@2', 'b@3']);
    expect(store.snapshot().every(({ phase }) => phase === 'kept')).toBe(true);
  });
});

describe('[L5] maxItems', () => {
  it('turns new objects away, says that the store is partial, and still updates what is there', () => {
    const store = new ObjectStore<Pod>({ maxItems: 2 });
    store.replace([pod('a', 1), pod('b', 2), pod('c', 3)], '3');
    expect([store.size, store.isPartial]).toEqual([2, true]);
    expect(store.apply(modified(pod('c', 4)))).toBe('ignored');
    expect(store.apply(modified(pod('b', 5)))).toBe('modified');
    store.replace([pod('a', 6)], '6');
    expect(store.isPartial).toBe(false);
    expect(store.apply(added(pod('d', 7)))).toBe('added');
    expect(store.apply(added(pod('e', 8)))).toBe('ignored');
    expect(store.isPartial).toBe(true);
  });
});

describe('indexes', () => {
  const owners = (uid: string) => ({ ownerReferences: [{ apiVersion: 'v1', kind: 'ReplicaSet', name: uid, uid }] });
  const indexers = { namespace: indexByNamespace, owner: indexByOwner, app: indexByLabel('app') };

  it('find objects by namespace, owner and label, and count them', () => {
    const store = new ObjectStore<Pod>({ indexers });
    store.replace([pod('a', 1, { ...owners('rs'), labels: { app: 'web' } } as object), pod('b', 2)], '2');
    store.apply(added(pod('c', 3, { namespace: 'y', ...owners('rs') })));
    const found = (index: string, key: string) => store.byIndex(index, key).map(({ metadata }) => metadata.name);
    expect(found('namespace', 'x')).toEqual(['a', 'b']);
    expect(found('owner', 'rs')).toEqual(['a', 'c']);
    expect(found('app', 'web')).toEqual(['a']);
    expect(found('app', 'none')).toEqual([]);
    expect([...store.indexCounts('namespace')]).toEqual([
      ['x', 2],
      ['y', 1],
    ]);
    store.apply(modified(pod('a', 4, { labels: { app: 'api' } } as object)));
    expect([found('app', 'web'), found('app', 'api'), found('owner', 'rs')]).toEqual([[], ['a'], ['c']]);
  });

  it('give the same array until one of its objects changed', () => {
    const store = new ObjectStore<Pod>({ indexers });
    store.replace([pod('a', 1), pod('b', 2, { namespace: 'y' })], '2');
    const x = store.byIndex('namespace', 'x');
    store.apply(modified(pod('b', 3, { namespace: 'y' })));
    expect(store.byIndex('namespace', 'x')).toBe(x);
    store.apply(modified(pod('a', 4)));
    expect(store.byIndex('namespace', 'x')).not.toBe(x);
  });

  it('an index that there is not is named in the error', () => {
    expect(() => new ObjectStore({ indexers }).byIndex('phase', 'Running')).toThrow('namespace, owner, app');
  });
});

it('events and lists in any order leave what a plain map would hold, and indexes agree with the snapshot', () => {
  const step = fc.record({
    kind: fc.constantFrom('put', 'put', 'put', 'delete', 'list', 'look'),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    uid: fc.constantFrom('1', '2'),
    app: fc.constantFrom('web', 'api'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const truth = new Map<string, Pod>();
      const store = new ObjectStore<Pod>({ indexers: { app: indexByLabel('app') } });
      steps.forEach(({ kind, name, uid, app }, index) => {
        const object = pod(name, index + 1, { uid, labels: { app } } as object);
        if (kind === 'put') {
          truth.set(name, object);
          store.apply(modified(object));
        } else if (kind === 'delete') {
          if (truth.get(name)?.metadata.uid === uid) truth.delete(name);
          store.apply(deleted(object));
        } else if (kind === 'list') store.replace([...truth.values()], String(index + 1));
        else store.snapshot();
      });
      const byName = (list: readonly Pod[]) => list.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
      expect(byName(store.snapshot())).toEqual(byName([...truth.values()]));
      for (const app of ['web', 'api']) {
        const expected = [...truth.values()].filter(({ metadata }) => metadata.labels?.['app'] === app);
        expect(byName(store.byIndex('app', app))).toEqual(byName(expected));
        expect(store.indexCounts('app').get(app) ?? 0).toBe(expected.length);
      }
    }),
  );
});
