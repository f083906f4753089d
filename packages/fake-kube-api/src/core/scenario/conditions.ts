import type { Condition } from './views.ts';

/** The condition of a type. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of a type is `True`. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditionOf(conditions, type)?.status === 'True';
}

/** Puts conditions in the place of those of the same type; a transition is timed only where the status changes. */
export function mergeConditions(
  old: readonly Condition[] | undefined,
  next: readonly Condition[],
  time: string,
): readonly Condition[] {
  const merged = [...(old ?? [])];
  for (const condition of next) {
    const index = merged.findIndex(({ type }) => type === condition.type);
    const before = merged[index];
    const isSame = before?.status === condition.status;
    const timed = { ...condition, lastTransitionTime: (isSame && before.lastTransitionTime) || time };
    if (index === -1) merged.push(timed);
    else merged[index] = timed;
  }
  return merged;
}
