import type { KubeObject } from '../../protocol/kube-object.ts';
import type { TableColumn } from '../resource-definition.ts';
import { durationSince } from './durations.ts';

/** The descriptions that the server gives for the two columns that nearly every resource has. */
const NAME_DESCRIPTION =
  'Name of the object, unique within its namespace (or within the cluster, for resources without namespaces).';
const AGE_DESCRIPTION = 'Time since the server created the object.';

/** Shown where a value is absent, as kubectl users know it. */
export const NONE = '<none>';

/** Shown where a value should be there and is not. */
export const UNKNOWN = '<unknown>';

/** The first column: the object's name. */
export const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_DESCRIPTION,
  priority: 0,
  value: (object) => object.metadata.name,
};

/** Time since creation, as `5d3h`. */
export const ageColumn: TableColumn = {
  name: 'Age',
  type: 'string',
  description: AGE_DESCRIPTION,
  priority: 0,
  value: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs),
};

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
