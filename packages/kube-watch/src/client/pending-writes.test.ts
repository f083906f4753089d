import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it, vi } from 'vitest';
import type { KubeObject } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import { createPendingWrites } from './pending-writes.ts';
import { predictDelete, predictMergePatch, predictScale } from './predict.ts';
import type { ObjectRef } from './types.ts';

const resource = { group: 'apps', version: 'v1', resource: 'deployments' };
const target: WatchTarget = { cluster: 'one', resource, namespace: 'shop' };
const ref: ObjectRef = { cluster: 'one', resource, namespace: 'shop', name: 'a' };

function deployment(name: string, resourceVersion: string, replicas = 1): KubeObject {
  return {
    kind: 'Deployment',
    metadata: { name, namespace: 'shop', uid: `u-${name}`, resourceVersion },
    spec: { replicas },
  } as KubeObject;
}

const replicasOf = (items: readonly KubeObject[]) =>
  items.map((item) => (item as unknown as { spec: { replicas: number } }).spec.replicas);

it('[U4] shows a write until the watch has come as far as the answer, and keeps the others', () => {
  const onChange = vi.fn();
  const writes = createPendingWrites(createManualClock(), onChange);
  const items = [deployment('a', '5'), deployment('b', '6')];
  const write = writes.begin(ref, predictScale(3));
  const shown = writes.show(target, items);
  expect([replicasOf(shown), shown[1] === items[1]]).toEqual([[3, 1], true]);
  expect(writes.show(target, items)[0]).toBe(shown[0]);
  write.confirm(deployment('a', '9', 3));
  expect(writes.show(target, items)[0]?.metadata.resourceVersion).toBe('9');
  const caughtUp = [deployment('a', '10', 4), items[1] as KubeObject];
  expect(writes.show(target, caughtUp)).toBe(caughtUp);
  expect(onChange).toHaveBeenCalledTimes(2);
});

it('[U4] puts a write on top of what others changed meanwhile, and takes it back when it failed', () => {
  const writes = createPendingWrites(createManualClock(), () => {});
  const write = writes.begin(ref, predictMergePatch({ metadata: { labels: { mine: 'yes' } } }));
  const changed = [deployment('a', '7', 5)];
  const [shown] = writes.show(target, changed);
  expect(shown).toMatchObject({ metadata: { labels: { mine: 'yes' }, resourceVersion: '7' }, spec: { replicas: 5 } });
  write.takeBack();
  write.takeBack();
  expect(writes.show(target, changed)).toBe(changed);
});

it('[U4] hides what the API says is gone, and not what was made anew under its name', () => {
  const writes = createPendingWrites(createManualClock(), () => {});
  const write = writes.begin(ref, predictDelete('2026-01-01T00:00:00Z'));
  write.confirmGone('u-a');
  expect(writes.show(target, [deployment('a', '5')])).toEqual([]);
  const anew = [{ ...deployment('a', '8'), metadata: { ...deployment('a', '8').metadata, uid: 'other' } }];
  expect(writes.show(target, anew)).toBe(anew);
});

it('[U4] waits for the version alone where the answer has no more, and forgets a write after a minute', async () => {
  const clock = createManualClock();
  const writes = createPendingWrites(clock, () => {});
  writes.begin(ref, predictScale(3)).confirmVersion('9');
  const old = [deployment('a', '5')];
  expect(replicasOf(writes.show(target, old))).toEqual([3]);
  expect(replicasOf(writes.show(target, [deployment('a', '9', 2)]))).toEqual([2]);
  await clock.advanceAsync(60_000);
  expect([writes.show(target, old) === old, clock.pending]).toEqual([true, 0]);
});

it('touches no other cluster, type or namespace, and of metadata alone no more than that', () => {
  const writes = createPendingWrites(createManualClock(), () => {});
  writes.begin(ref, predictScale(3));
  const items = [deployment('a', '5')];
  expect(writes.show({ ...target, cluster: 'two' }, items)).toBe(items);
  expect(writes.show({ ...target, resource: { ...resource, resource: 'statefulsets' } }, items)).toBe(items);
  expect(writes.show({ ...target, namespace: 'other' }, items)).toBe(items);
  expect(writes.show({ ...target, projection: 'metadata' }, items)).toBe(items);
  // Each target has objects of its own.
  expect(replicasOf(writes.show({ ...target, namespace: undefined }, [deployment('a', '5')]))).toEqual([3]);
});

it('[U4] a thousand settled deletes of ten thousand objects cost one look through the list, and then none', () => {
  const writes = createPendingWrites(createManualClock(), () => {});
  const items = Array.from({ length: 10_000 }, (_, index) => deployment(`some-name-${String(index)}`, '5'));
  let looks = 0;
  const counted = items.map((item) => ({
    ...item,
    get metadata() {
      looks += 1;
      return item.metadata;
    },
  }));
  const settled = counted.filter((_, index) => index % 10 === 0).map((item) => item.metadata);
  const begun = settled.map(({ name }) => writes.begin({ ...ref, name }, predictDelete('2026-01-01T00:00:00Z')));
  expect(writes.show(target, counted)).toHaveLength(10_000);
  for (const [index, write] of begun.entries()) write.confirmGone(settled[index]?.uid);
  looks = 0;
  expect(writes.show(target, counted)).toHaveLength(9_000);
  expect(looks).toBeLessThan(20_000);
  const left = counted.filter((_, index) => index % 10 !== 0);
  expect(writes.show(target, left)).toBe(left);
  looks = 0;
  expect(writes.show(target, [...left])).toHaveLength(9_000);
  expect(looks).toBe(0);
});

it('[U4] a target that comes later, with an older list, still shows what another one has seen', () => {
  const writes = createPendingWrites(createManualClock(), () => {});
  writes.begin(ref, predictScale(3)).confirmVersion('9');
  expect(replicasOf(writes.show(target, [deployment('a', '9', 3)]))).toEqual([3]);
  const other = { ...target };
  expect(writes.show(other, [])).toEqual([]);
  expect(replicasOf(writes.show(other, [deployment('a', '5')]))).toEqual([3]);
});

it('[U4] an answer about an object that the watch has not brought yet counts until it has', () => {
  const anew = (resourceVersion: string, replicas: number): KubeObject => {
    const made = deployment('a', resourceVersion, replicas);
    return { ...made, metadata: { ...made.metadata, uid: 'anew' } };
  };
  const old = [deployment('a', '5')];
  const writes = createPendingWrites(createManualClock(), () => {});
  const write = writes.begin(ref, predictScale(3));
  writes.show(target, old);
  write.confirm(anew('9', 3));
  expect(replicasOf(writes.show(target, old))).toEqual([3]);
  expect(writes.show(target, [])).toEqual([]);
  expect(replicasOf(writes.show(target, [anew('8', 1)]))).toEqual([3]);
  const other = createPendingWrites(createManualClock(), () => {});
  const answered = other.begin(ref, predictScale(3));
  answered.confirm(anew('9', 3));
  for (const [items, shown] of [
    [old, [3]],
    [[anew('8', 1)], [3]],
    [[anew('10', 7)], [7]],
  ] as const)
    expect(replicasOf(other.show(target, items))).toEqual(shown);
  const deleted = createPendingWrites(createManualClock(), () => {});
  deleted.begin(ref, predictDelete('2026-01-01T00:00:00Z')).confirmGone('anew');
  expect(deleted.show(target, old)).toBe(old);
  expect(deleted.show(target, [anew('8', 1)])).toEqual([]);
});
