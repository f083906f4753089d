import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { badRequest, invalid, notFound } from '../status-errors.ts';
import type { NewObject } from '../types.ts';
import { shapeMetadata } from './object-shape.ts';

/** `autoscaling/v1` Scale: what the `scale` subresource reads and writes. It is stored nowhere. */
export const SCALE: ResourceDefinition = {
  group: 'autoscaling',
  version: 'v1',
  resource: 'scales',
  singular: 'scale',
  kind: 'Scale',
  listKind: 'ScaleList',
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['get', 'patch', 'update'],
  subresources: [],
  columns: [],
  schemaName: 'io.k8s.api.autoscaling.v1.Scale',
  schema: { type: 'object' },
  fieldSelectors: [],
  strategicMerge: true,
};

function at(object: unknown, path: string): unknown {
  let value = object;
  for (const name of path.replace(/^\./, '').split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function withValue(
  object: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const [name = '', ...rest] = path;
  const inner = object[name];
  return {
    ...object,
    [name]:
      rest.length === 0
        ? value
        : withValue(typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}, rest, value),
  };
}

/** A label selector object (`matchLabels`, `matchExpressions`) in the form of a query; empty selects everything. */
export function labelSelectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (typeof selector !== 'object' || selector === null) return '';
  const { matchLabels, matchExpressions } = selector as {
    matchLabels?: Record<string, string>;
    matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
  };
  const parts = Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values } of matchExpressions ?? []) {
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else parts.push(`${key} ${operator.toLowerCase()} (${(values ?? []).join(',')})`);
  }
  return parts.sort().join(',');
}

/**
 * The Scale of an object.
 *
 * @throws StatusError 404 where the type cannot be scaled.
 */
export function scaleOf(definition: ResourceDefinition, object: KubeObject): KubeObject {
  const paths = definition.scalePaths;
  if (!paths) throw notFound(definition, object.metadata.name);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = at(object, paths.spec);
  const selector = paths.selector === undefined ? '' : labelSelectorText(at(object, paths.selector));
  return {
    kind: SCALE.kind,
    apiVersion: 'autoscaling/v1',
    metadata: shapeMetadata({ name, namespace, uid, resourceVersion, creationTimestamp }),
    spec: replicas === undefined ? {} : { replicas },
    status: { replicas: at(object, paths.status) ?? 0, ...(selector === '' ? {} : { selector }) },
  };
}

/**
 * The object with the replicas of a Scale.
 *
 * @throws StatusError 404 where the type cannot be scaled, 400 or 422 for what is no count.
 */
export function applyScale(definition: ResourceDefinition, object: KubeObject, scale: NewObject): KubeObject {
  const paths = definition.scalePaths;
  if (!paths) throw notFound(definition, object.metadata.name);
  const replicas = at(scale, 'spec.replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest(
      `Scale in version "v1" cannot be handled: spec.replicas is an integer, not ${JSON.stringify(replicas)}`,
    );
  }
  if (replicas < 0) {
    throw invalid(SCALE, object.metadata.name, [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${String(replicas)}: must be greater than or equal to 0`,
        field: 'spec.replicas',
      },
    ]);
  }
  return withValue(object, paths.spec.replace(/^\./, '').split('.'), replicas) as KubeObject;
}
