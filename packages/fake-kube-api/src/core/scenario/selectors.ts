import type { LabelSelector } from './views.ts';

type Labels = Readonly<Record<string, string>>;

/** Whether labels match a workload's selector; an empty selector matches nothing here, as it would adopt everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  const wanted = Object.entries(selector?.matchLabels ?? {});
  const expressions = selector?.matchExpressions ?? [];
  if (wanted.length + expressions.length === 0) return false;
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  return expressions.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
    }
  });
}
