import type { KubeObject } from '../../protocol/kube-object.ts';
import type { TableColumn } from '../resource-definition.ts';
import { durationSince } from './durations.ts';
import { fieldsAt, itemsAt, textAt, textsAt } from './read-fields.ts';

/** Shown where a value is absent, as kubectl users know it. */
export const NONE = '<none>';

/** Shown where a value should be there and is not. */
export const UNKNOWN = '<unknown>';

/** The first column: the object's name. */
export const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique within its namespace or, without namespaces, within the cluster.',
  priority: 0,
  value: (object) => object.metadata.name,
};

/** Time since creation, as `5d3h`. */
export const ageColumn: TableColumn = column('Age', 'Time since the server created the object.', (object, nowMs) =>
  ageOf(object.metadata.creationTimestamp, nowMs),
);

/** When the object was created, RFC 3339. */
export const createdAtColumn: TableColumn = column(
  'Created At',
  'When the server created the object.',
  (object) => object.metadata.creationTimestamp ?? UNKNOWN,
);

/** Names and images of the containers of a pod template at a path: two wide columns. */
export function containerColumns(...path: readonly string[]): readonly TableColumn[] {
  const containers = (object: KubeObject) => itemsAt(object, ...path, 'spec', 'containers');
  const joined = (name: string) => (object: KubeObject) =>
    containers(object)
      .map((one) => textAt(one, name))
      .join(',');
  return [
    column('Containers', 'Names of the containers.', joined('name'), { wide: true }),
    column('Images', 'Images of the containers.', joined('image'), { wide: true }),
  ];
}

/** The label selector at a path, as text; a wide column. */
export function selectorColumn(...path: readonly string[]): TableColumn {
  return column(
    'Selector',
    'Labels of the pods that belong to it.',
    (object) => selectorText(fieldsAt(object, ...path)),
    {
      wide: true,
    },
  );
}

/** A label selector as `app=web,tier in (a,b)`. */
export function selectorText(selector: Readonly<Record<string, unknown>>): string {
  const labels = labelsText(fieldsAt(selector, 'matchLabels'));
  const expressions = itemsAt(selector, 'matchExpressions').map((expression) => {
    const key = textAt(expression, 'key');
    const values = textsAt(expression, 'values').toSorted().join(',');
    switch (expression['operator']) {
      case 'In':
        return `${key} in (${values})`;
      case 'NotIn':
        return `${key} notin (${values})`;
      case 'Exists':
        return key;
      default:
        return `!${key}`;
    }
  });
  const parts = [...(labels === NONE ? [] : [labels]), ...expressions];
  return parts.length === 0 ? NONE : parts.join(',');
}

/** Labels as `app=web,tier=backend`, in order. */
export function labelsText(labels: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}=${String(value)}`);
  return parts.length === 0 ? NONE : parts.toSorted().join(',');
}

/** Time since an RFC 3339 time, `<unknown>` without one. */
export function ageOf(time: unknown, nowMs: number): string {
  if (typeof time !== 'string') return UNKNOWN;
  const thenMs = Date.parse(time);
  return Number.isNaN(thenMs) ? UNKNOWN : durationSince(thenMs, nowMs);
}

/** A column of a built-in resource; wide columns have priority 1. */
export function column(
  name: string,
  description: string,
  value: (object: KubeObject, nowMs: number) => string | number | boolean,
  more?: { readonly type?: TableColumn['type']; readonly wide?: boolean },
): TableColumn {
  return { name, type: more?.type ?? 'string', description, priority: more?.wide === true ? 1 : 0, value };
}
