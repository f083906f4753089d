import type { KubeObject } from '@fleetwire/kube-watch';
import { at, type Condition } from './read-object.ts';

/** What is wrong with an object. */
export interface Trouble {
  /** A word, as the API has it, `CrashLoopBackOff`, or a count, `3 of 5 ready`. */
  readonly reason: string;
  readonly message: string | undefined;
  /** Milliseconds since 1970; undefined where nothing tells. */
  readonly since: number | undefined;
}

/** What starts, joins or grows is left alone for so long: most pods are scheduled in a second and started in a minute. */
export const settleMs = 120_000;

/** What runs and is not ready is given so long to become so. */
export const unreadyMs = 300_000;

/** The trouble that a condition tells of. */
export function ofCondition(condition: Condition | undefined, otherwise: string): Trouble {
  const { reason, message, lastTransitionTime } = condition ?? {};
  return { reason: reason ?? otherwise, message, since: timeOf(lastTransitionTime) };
}

/** A time of the API in milliseconds since 1970; undefined where it is none. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** A text that is there and not empty. */
export function textAt(object: KubeObject, ...path: readonly string[]): string | undefined {
  const value = at(object, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What controls the object, by its owner reference. */
export function controllerOf({ metadata }: KubeObject): { readonly kind: string; readonly uid: string } | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}
