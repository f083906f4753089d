import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import { watchedKinds } from '../../kube/trouble.ts';
import type { Trouble } from '../../kube/verdict.ts';
import { keyOf, type Suspect } from './suspects.ts';

/** An object of the fleet that is in trouble. */
export interface TroubledObject extends Trouble {
  /** Of each object another. */
  readonly key: string;
  readonly cluster: string;
  readonly kind: keyof typeof watchedKinds;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** What was found out about a suspect: the object, that it cannot be read, or nothing yet. */
export type Finding =
  /** `seenAt` in milliseconds since 1970. */
  | { readonly kind: 'object'; readonly object: KubeObject; readonly seenAt: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'pending' };

/** What is in trouble, the newest first; what has no time comes last. */
export function assessFleet(options: {
  /** Objects that are held whole. */
  readonly held: readonly { readonly kind: Suspect['kind']; readonly items: readonly ClusterObject<KubeObject>[] }[];
  /** Those that are looked at one by one. */
  readonly suspects: readonly Suspect[];
  readonly findingOf: (suspect: Suspect) => Finding;
  /** Keys of objects whose trouble is over, whatever they say. */
  readonly settled: ReadonlySet<string>;
  /** In milliseconds since 1970. */
  readonly now: number;
}): readonly TroubledObject[] {
  const { held, suspects, findingOf, settled, now } = options;
  const found = new Map<string, TroubledObject>();
  const add = (suspect: Omit<Suspect, 'hint'>, trouble: Trouble | undefined): void => {
    const { cluster, kind, namespace, name } = suspect;
    const key = keyOf(suspect);
    if (trouble !== undefined && !settled.has(key)) found.set(key, { key, cluster, kind, namespace, name, ...trouble });
  };
  for (const suspect of suspects) {
    const { troubleOf } = watchedKinds[suspect.kind];
    const finding = findingOf(suspect);
    // It may be well by now: nothing becomes overdue by what was seen a while ago.
    if (finding.kind === 'object') add(suspect, troubleOf(finding.object, finding.seenAt));
    else if (finding.kind === 'unreadable' && isTelling(suspect)) {
      add(suspect, { reason: suspect.hint, message: undefined, since: undefined });
    }
  }
  // Held objects are live: what they say counts.
  for (const { kind, items } of held) {
    for (const { cluster, object } of items) {
      const { namespace, name } = object.metadata;
      add({ cluster, kind, namespace, name }, watchedKinds[kind].troubleOf(object, now));
    }
  }
  return [...found.values()].sort((a, b) => (b.since ?? 0) - (a.since ?? 0) || a.key.localeCompare(b.key));
}

/** Whether the hint is trouble by itself; a controller that lacks pods may be getting on. */
function isTelling(suspect: Suspect): suspect is Suspect & { readonly hint: string } {
  const { kind, hint } = suspect;
  return hint !== undefined && (kind === 'node' || kind === 'job');
}

/** How many suspects nobody knows about: not looked at yet, beyond those that are looked at now, or not readable. */
export function countUnseen(
  suspects: readonly Suspect[],
  looked: readonly Suspect[],
  findingOf: (suspect: Suspect) => Finding,
): number {
  const underWay = new Set(looked.map(keyOf));
  return suspects.filter((suspect) => {
    const { kind } = findingOf(suspect);
    return kind === 'pending' ? !underWay.has(keyOf(suspect)) : kind === 'unreadable' && !isTelling(suspect);
  }).length;
}

/** Suspects that are neither held nor settled, each once, those of the first lists first. */
export function openSuspects(
  suspects: readonly (readonly Suspect[])[],
  held: readonly { readonly kind: Suspect['kind']; readonly items: readonly ClusterObject<KubeObject>[] }[],
  settled: ReadonlySet<string>,
): readonly Suspect[] {
  const known = new Set(settled);
  for (const { kind, items } of held) {
    for (const { cluster, object } of items) {
      const { namespace, name } = object.metadata;
      known.add(keyOf({ cluster, kind, namespace, name }));
    }
  }
  const open = new Map<string, Suspect>();
  for (const suspect of suspects.flat()) {
    const key = keyOf(suspect);
    if (!known.has(key) && !open.has(key)) open.set(key, suspect);
  }
  return [...open.values()];
}
