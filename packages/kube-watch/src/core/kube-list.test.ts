import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../protocol/kube-object.ts';
import { KubeList } from './kube-list.ts';

function pod(name: string, version: number, { uid = `uid-${name}`, namespace = 'x' } = {}): KubeObject {
  return { metadata: { name, namespace, uid, resourceVersion: String(version) } };
}

const list = {
  kind: 'PodList',
  apiVersion: 'v1',
  metadata: { resourceVersion: '5' },
  items: [pod('a', 1), pod('b', 5)],
};

class Pod {
  readonly jsonData: KubeObject;
  readonly cluster: string | undefined;
  constructor(jsonData: KubeObject, cluster?: string) {
    this.jsonData = jsonData;
    this.cluster = cluster;
  }
}

describe('KubeList.applyUpdate', () => {
  it('[W13] adds, updates in place and removes, and leaves the list that it was given alone', () => {
    const before = structuredClone(list);
    const plus = KubeList.applyUpdate(list, { type: 'MODIFIED', object: pod('c', 6) });
    expect(plus.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
    expect(plus).toMatchObject({ kind: 'PodList', metadata: { resourceVersion: '6' } });
    const updated = KubeList.applyUpdate(plus, { type: 'ADDED', object: pod('a', 7) });
    expect(updated.items[0]?.metadata.resourceVersion).toBe('7');
    expect(updated.items[1]).toBe(plus.items[1]);
    const minus = KubeList.applyUpdate(updated, { type: 'DELETED', object: pod('b', 8) });
    expect(minus.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
    expect(list).toEqual(before);
  });

  it.each([
    ['BOOKMARK', { metadata: { resourceVersion: '9' } }],
    ['ERROR', { kind: 'Status', code: 410 }],
    ['DELETED', pod('unknown', 9)],
    ['DELETED', pod('a', 9, { uid: 'other' })],
    ['MODIFIED', pod('b', 5)],
    ['MODIFIED', pod('b', 4)],
    ['MODIFIED', { metadata: null }],
    ['ADDED', null],
    ['UNKNOWN', pod('b', 9)],
  ])('[W15] [U2] is the same reference after %s that changes nothing', (type, object) => {
    expect(KubeList.applyUpdate(list, { type, object })).toBe(list);
  });

  it('[W14] puts another uid under the same name in the place of the old one', () => {
    const next = KubeList.applyUpdate(list, { type: 'ADDED', object: pod('a', 9, { uid: 'new' }) });
    expect(next.items.map(({ metadata }) => metadata.uid)).toEqual(['new', 'uid-b']);
  });

  it('wraps by the class and finds instances by what they were made of', () => {
    const wrapped = { metadata: {}, items: [new Pod(pod('a', 1), 'one')] };
    const options = { itemClass: Pod, cluster: 'one' };
    const next = KubeList.applyUpdate(wrapped, { type: 'MODIFIED', object: pod('a', 2) }, options);
    expect(next.items).toHaveLength(1);
    expect(next.items[0]).toBeInstanceOf(Pod);
    expect(next.items[0]).toMatchObject({ cluster: 'one', jsonData: { metadata: { resourceVersion: '2' } } });
  });

  it('stamps the cluster on plain objects and on instances that do not take it', () => {
    class Bare {
      readonly metadata: KubeObject['metadata'];
      constructor(object: KubeObject) {
        this.metadata = object.metadata;
      }
    }
    const event = { type: 'ADDED', object: pod('c', 9) };
    expect(KubeList.applyUpdate(list, event, { cluster: 'one' }).items.at(-1)).toMatchObject({ cluster: 'one' });
    const bare: { metadata: object; items: Bare[] } = { metadata: {}, items: [] };
    expect(KubeList.applyUpdate(bare, event, { cluster: 'one', itemClass: Bare }).items[0]).toMatchObject({
      cluster: 'one',
    });
  });

  it('an item of another cluster is another item', () => {
    const items = [{ ...pod('a', 1), cluster: 'two' }];
    const next = KubeList.applyUpdate(
      { metadata: {}, items },
      { type: 'ADDED', object: pod('a', 1) },
      { cluster: 'one' },
    );
    expect(next.items.map(({ cluster }) => cluster)).toEqual(['two', 'one']);
  });

  it('[W13] items of several clusters are found and stay of their form', () => {
    const items = ['one', 'two'].map((cluster) => ({ cluster, object: pod('a', 1) }));
    const list = { metadata: {}, items };
    const options = { cluster: 'two' };
    const updated = KubeList.applyUpdate(list, { type: 'MODIFIED', object: pod('a', 2) }, options);
    expect(updated.items).toEqual([items[0], { cluster: 'two', object: pod('a', 2) }]);
    const plus = KubeList.applyUpdate(updated, { type: 'ADDED', object: pod('b', 3) }, options);
    expect(plus.items.at(-1)).toEqual({ cluster: 'two', object: pod('b', 3) });
    const minus = KubeList.applyUpdate(plus, { type: 'DELETED', object: pod('a', 4) }, options);
    expect(minus.items.map(({ cluster, object }) => [cluster, object.metadata.name])).toEqual([
      ['one', 'a'],
      ['two', 'b'],
    ]);
  });

  it('[W13] a DELETED without a uid of what is unknown is the same reference', () => {
    const empty = { metadata: {}, items: [] };
    expect(KubeList.applyUpdate(empty, { type: 'DELETED', object: { metadata: { name: 'a' } } })).toBe(empty);
  });

  it('[W2] an event of an older resourceVersion does not move the list back', () => {
    const next = KubeList.applyUpdate(list, { type: 'MODIFIED', object: pod('a', 3) });
    expect([next.items[0]?.metadata.resourceVersion, next.metadata.resourceVersion]).toEqual(['3', '5']);
  });
});
