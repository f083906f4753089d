import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KubeObject } from '../protocol/kube-object.ts';
import { applyUpdates } from './apply-updates.ts';
import { wrapItems } from './list-data.ts';
import { KubeList } from '../core/kube-list.ts';

function object(name: string, resourceVersion: string, uid = `u-${name}`): KubeObject {
  return { kind: 'Pod', metadata: { name, namespace: 'shop', uid, resourceVersion } };
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');

it('[U2] gives an object that did not change its old wrapper, wherever it went', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(name),
      fc.array(fc.uniqueArray(name), { maxLength: 4 }),
      fc.nat(5),
      (first, lists, changed) => {
        const known = new Map(['a', 'b', 'c', 'd', 'e', 'f'].map((one) => [one, object(one, '1')]));
        let wrapped = wrapItems(
          'one',
          first.map((one) => known.get(one) as KubeObject),
          [],
        );
        for (const [turn, list] of lists.entries()) {
          const other = ['a', 'b', 'c', 'd', 'e', 'f'][changed] as string;
          known.set(other, object(other, String(turn + 2)));
          const before = new Map(wrapped.map((item) => [item.object, item]));
          const objects = list.map((one) => known.get(one) as KubeObject);
          wrapped = wrapItems('one', objects, wrapped);
          expect(wrapped.map((item) => item.object)).toEqual(objects);
          for (const item of wrapped) {
            if (before.has(item.object)) expect(item).toBe(before.get(item.object));
            expect(item.cluster).toBe('one');
          }
        }
      },
    ),
  );
});

it('makes of many events what they make one by one, and gives the same list back when that is nothing', () => {
  const event = fc.record({
    type: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED'),
    object: fc.record({ name, version: fc.integer({ min: 1, max: 9 }), uid: fc.constantFrom('1', '2') }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.array(event, { maxLength: 12 }), (present, events) => {
      const list = { metadata: { resourceVersion: '4' }, items: present.map((one) => object(one, '4', '1')) };
      const last = new Map(
        events.map(({ type, object: { name: of, uid, version } }) => [
          of,
          { type, object: object(of, String(version), uid) },
        ]),
      );
      const updates = [...last.values()];
      const byOne = updates.reduce((now, update) => KubeList.applyUpdate<KubeObject, typeof list>(now, update), list);
      const atOnce = applyUpdates<KubeObject, typeof list>(list, updates, {});
      expect(atOnce).toEqual(byOne);
      expect(atOnce === list).toBe(byOne === list);
    }),
  );
});
