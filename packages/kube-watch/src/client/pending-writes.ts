import { compareResourceVersions } from '../core/resource-version.ts';
import { dropManagedFields } from '../core/drop-managed-fields.ts';
import type { Clock, TimerHandle } from '@fleetwire/websocket-core';
import type { KubeObject } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { Predict } from './predict.ts';
import type { ObjectRef } from './types.ts';

/** A write that the API was sent. */
export interface PendingWrite {
  /** The API answered with the object as it is now; shown until the watch brings the same or a newer one. */
  confirm(answer: KubeObject): void;
  /** The API took it, and answered with no more than the new resourceVersion; shown until the watch has come that far. */
  confirmVersion(resourceVersion: string): void;
  /** The API says that the object of this uid is gone; hidden until the watch says so. */
  confirmGone(uid: string | undefined): void;
  takeBack(): void;
}

/** Writes that are shown before the watch brings them; see {@link createPendingWrites}. */
export interface PendingWrites {
  begin(ref: ObjectRef, predict: Predict): PendingWrite;
  /**
   * The items of a target with the writes in them; the same array where they change nothing. A target is known by its
   * reference.
   */
  show(target: WatchTarget, items: readonly KubeObject[]): readonly KubeObject[];
  dispose(): void;
}

type Outcome =
  | { readonly kind: 'pending'; readonly predict: Predict }
  | { readonly kind: 'taken'; readonly predict: Predict; readonly resourceVersion: string }
  | { readonly kind: 'answered'; readonly answer: KubeObject }
  | { readonly kind: 'gone'; readonly uid: string | undefined };

interface Write {
  readonly ref: ObjectRef;
  outcome: Outcome;
  /** What was predicted of an object, so that a flush without a change gives the same reference. */
  predicted: WeakMap<KubeObject, KubeObject>;
  timer: TimerHandle;
  /** Of targets that show an object of that name, its uid; `past` of those that have nothing more to do with the write. */
  progress: WeakMap<WatchTarget, { readonly uid: string | undefined } | 'past'>;
}

/**
 * After an answer a target that hears of nothing for so long shows what it has, and says that it is stale; a list that
 * is polled every 5 s has caught up long before.
 */
const keptMs = 60_000;

/** `onChange` is called when what a target of this cluster and resource shows may have changed. */
export function createPendingWrites(clock: Clock, onChange: (ref: ObjectRef) => void): PendingWrites {
  const writes = new Set<Write>();
  let isDisposed = false;

  const remove = (write: Write): void => {
    clock.clearTimeout(write.timer);
    if (writes.delete(write)) onChange(write.ref);
  };
  const settle = (write: Write, outcome: Outcome): void => {
    if (!writes.has(write)) return;
    write.outcome = outcome;
    write.predicted = new WeakMap();
    write.timer = clock.setTimeout(() => {
      remove(write);
    }, keptMs);
    onChange(write.ref);
  };

  return {
    begin(ref, predict) {
      const write: Write = {
        ref,
        outcome: { kind: 'pending', predict },
        predicted: new WeakMap(),
        timer: undefined,
        progress: new WeakMap(),
      };
      if (!isDisposed) writes.add(write);
      onChange(ref);
      return {
        confirm: (answer) => {
          settle(write, { kind: 'answered', answer: dropManagedFields(answer) });
        },
        confirmVersion: (resourceVersion) => {
          settle(write, { kind: 'taken', predict, resourceVersion });
        },
        confirmGone: (uid) => {
          settle(write, { kind: 'gone', uid });
        },
        takeBack: () => {
          remove(write);
        },
      };
    },
    show(target, items) {
      const found = writesByName(writes, target);
      if (found.size === 0) return items;
      let shown: (KubeObject | undefined)[] | undefined;
      const met = new Set<Write>();
      for (const [index, item] of items.entries()) {
        const named = found.get(item.metadata.name);
        if (named === undefined) continue;
        let next: KubeObject | undefined = item;
        for (const write of named) {
          if (next === undefined || !isNamed(item, write.ref)) continue;
          met.add(write);
          write.progress.set(target, isPast(write.outcome, item) ? 'past' : { uid: item.metadata.uid });
          next = step(write, next, target);
        }
        if (next === item) continue;
        shown ??= [...items];
        shown[index] = next;
      }
      for (const write of [...found.values()].flat()) {
        if (!met.has(write) && hasLeft(write, target)) write.progress.set(target, 'past');
      }
      return shown === undefined ? items : shown.filter((item) => item !== undefined);
    },
    dispose() {
      isDisposed = true;
      for (const write of writes) clock.clearTimeout(write.timer);
      writes.clear();
    },
  };
}

/** Those that may still change what the target shows, by the names of their objects. */
function writesByName(writes: Iterable<Write>, target: WatchTarget): ReadonlyMap<string, Write[]> {
  const found = new Map<string, Write[]>();
  for (const write of writes) {
    if (write.progress.get(target) === 'past' || !isOf(target, write.ref)) continue;
    const { name } = write.ref;
    const named = found.get(name);
    if (named === undefined) found.set(name, [write]);
    else named.push(write);
  }
  return found;
}

/** The object of the answer was shown and is not any more; one that was there before it says nothing. */
function hasLeft({ outcome, progress }: Write, target: WatchTarget): boolean {
  const last = progress.get(target);
  if (last === undefined || last === 'past' || outcome.kind === 'pending') return false;
  const uid = uidOf(outcome);
  return uid === undefined || uid === last.uid;
}

function uidOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'gone') return outcome.uid;
  return outcome.kind === 'answered' ? outcome.answer.metadata.uid : undefined;
}

/** What the watch brought is not older than the answer. */
function isPast(outcome: Outcome, item: KubeObject): boolean {
  switch (outcome.kind) {
    case 'pending':
      return false;
    case 'gone':
      // Another uid may be what was there before.
      return false;
    case 'taken':
      return !isBehind(item, outcome.resourceVersion);
    case 'answered':
      return !isBehind(item, outcome.answer.metadata.resourceVersion);
  }
}

function isOf(target: WatchTarget, { cluster, resource, namespace }: ObjectRef): boolean {
  if (target.cluster !== cluster || !isSameResource(target, resource)) return false;
  return target.namespace === undefined || target.namespace === '' || target.namespace === namespace;
}

function isSameResource(target: WatchTarget, { group = '', version, resource }: ObjectRef['resource']): boolean {
  const own = target.resource;
  return own.resource === resource && own.version === version && (own.group ?? '') === group;
}

function isNamed({ metadata }: KubeObject, { name, namespace }: ObjectRef): boolean {
  return metadata.name === name && (metadata.namespace ?? '') === (namespace ?? '');
}

function step(write: Write, item: KubeObject, target: WatchTarget): KubeObject | undefined {
  const { outcome } = write;
  if (outcome.kind === 'gone') return outcome.uid === undefined || outcome.uid === item.metadata.uid ? undefined : item;
  const known = write.predicted.get(item);
  if (known !== undefined) return known;
  const next = nextOf(outcome, item);
  const shown = next === undefined || next === item ? item : project(next, item, target);
  write.predicted.set(item, shown);
  return shown;
}

/** What the watch brought counts as soon as it is not older than the answer. */
function nextOf(outcome: Exclude<Outcome, { readonly kind: 'gone' }>, item: KubeObject): KubeObject | undefined {
  if (isPast(outcome, item)) return item;
  return outcome.kind === 'answered' ? outcome.answer : outcome.predict(item);
}

function isBehind(item: KubeObject, resourceVersion: string): boolean {
  const order = compareResourceVersions(resourceVersion, item.metadata.resourceVersion);
  return order !== undefined && order > 0;
}

/** A target of metadata or of a table has no more than the metadata to change. */
function project(next: KubeObject, item: KubeObject, { projection = 'full' }: WatchTarget): KubeObject {
  if (projection === 'full') return next;
  return next.metadata === item.metadata ? item : { ...item, metadata: next.metadata };
}
