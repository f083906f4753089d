import type { JsonSchema } from '../resource-definition.ts';
import { resolveSchema } from '../resources/schema-registry.ts';
import { isRecord, jsonEqual } from './json-value.ts';
import { badRequest } from '../status-errors.ts';
import { fieldSchema } from './schema-shape.ts';

type Fields = Readonly<Record<string, unknown>>;

const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

/**
 * Applies a strategic merge patch (Kubernetes documentation, Update API Objects in Place Using kubectl patch): lists
 * merge by the keys of their schema, and the directives `$patch`, `$retainKeys`, `$setElementOrder` and
 * `$deleteFromPrimitiveList` are followed.
 */
export function applyStrategicMerge(schema: JsonSchema | undefined, target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw badRequest(`unknown $patch ${JSON.stringify(directive)}`);
  const result: Record<string, unknown> = { ...retain(isRecord(target) ? target : {}, patch['$retainKeys']) };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) {
      delete result[key];
      continue;
    }
    const field = fieldSchema(schema, key);
    if (isDeletion(value)) delete result[key];
    else if (Array.isArray(value)) result[key] = patchList(field, result[key], value, patch[ELEMENT_ORDER + key]);
    else if (isReplaced(field)) result[key] = withoutDirectives(value);
    else result[key] = applyStrategicMerge(field, result[key], value);
  }
  return orderOnly(schema, deleteFromLists(result, patch), patch);
}

function isDeletion(value: unknown): boolean {
  return isRecord(value) && value['$patch'] === 'delete';
}

function isReplaced(field: JsonSchema | undefined): boolean {
  return strategiesOf(field).includes('replace');
}

function strategiesOf(field: JsonSchema | undefined): readonly string[] {
  return field?.['x-kubernetes-patch-strategy']?.split(',') ?? [];
}

function retain(target: Fields, keys: unknown): Fields {
  if (!Array.isArray(keys)) return target;
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

function deleteFromLists(result: Fields, patch: Fields): Fields {
  const changed: Record<string, unknown> = { ...result };
  for (const [directive, values] of Object.entries(patch)) {
    if (!directive.startsWith(DELETE_FROM_LIST) || !Array.isArray(values)) continue;
    const key = directive.slice(DELETE_FROM_LIST.length);
    const list = changed[key];
    if (Array.isArray(list)) changed[key] = list.filter((item) => !values.some((value) => jsonEqual(value, item)));
  }
  return changed;
}

/** Orders the lists whose order the patch names without changing them. */
function orderOnly(schema: JsonSchema | undefined, result: Fields, patch: Fields): Fields {
  const changed: Record<string, unknown> = { ...result };
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(ELEMENT_ORDER)) continue;
    const key = directive.slice(ELEMENT_ORDER.length);
    const list = changed[key];
    if (Array.isArray(list) && !Object.hasOwn(patch, key)) {
      changed[key] = ordered(list, list, order, fieldSchema(schema, key)?.['x-kubernetes-patch-merge-key']);
    }
  }
  return changed;
}

function patchList(
  field: JsonSchema | undefined,
  target: unknown,
  patch: readonly unknown[],
  order: unknown,
): readonly unknown[] {
  const items = patch.filter((item) => !isRecord(item) || item['$patch'] !== 'replace');
  if (!strategiesOf(field).includes('merge') || items.length < patch.length) return items.map(withoutDirectives);
  const live: readonly unknown[] = Array.isArray(target) ? target : [];
  const mergeKey = field?.['x-kubernetes-patch-merge-key'];
  const isOfObjects = resolveSchema(field?.items)?.type === 'object';
  const merged =
    mergeKey === undefined || !isOfObjects ? unionList(live, items) : mergeByKey(field, live, items, mergeKey);
  return ordered(merged, live, order, mergeKey);
}

function unionList(live: readonly unknown[], items: readonly unknown[]): readonly unknown[] {
  return [...live, ...items.filter((item) => !live.some((one) => jsonEqual(one, item)))];
}

function mergeByKey(
  field: JsonSchema | undefined,
  live: readonly unknown[],
  items: readonly unknown[],
  mergeKey: string,
): readonly unknown[] {
  let result = live;
  for (const item of items) {
    const key = isRecord(item) ? item[mergeKey] : undefined;
    if (key === undefined) throw badRequest(`an item of this list has no ${mergeKey}, by which it is merged`);
    const isSame = (one: unknown): boolean => isRecord(one) && jsonEqual(one[mergeKey], key);
    if (isDeletion(item)) result = result.filter((one) => !isSame(one));
    else if (result.some(isSame)) {
      result = result.map((one) => (isSame(one) ? applyStrategicMerge(field?.items, one, item) : one));
    } else result = [...result, applyStrategicMerge(field?.items, {}, item)];
  }
  return result;
}

/** The named items in the named order, the others between them where they stood in the live list. */
function ordered(
  list: readonly unknown[],
  live: readonly unknown[],
  order: unknown,
  mergeKey: string | undefined,
): readonly unknown[] {
  if (!Array.isArray(order)) return list;
  const identity = (item: unknown): string =>
    JSON.stringify((mergeKey !== undefined && isRecord(item) ? item[mergeKey] : item) ?? null);
  const wanted = order.map(identity);
  const former = live.map(identity);
  const named = wanted.flatMap((key) => list.filter((item) => identity(item) === key));
  const others = list.filter((item) => !wanted.includes(identity(item)));
  const result: unknown[] = [];
  for (const item of named) {
    const at = former.indexOf(identity(item));
    while (at >= 0 && others.length > 0 && isBefore(former, identity(others[0]), at)) result.push(others.shift());
    result.push(item);
  }
  return [...result, ...others];
}

function isBefore(former: readonly string[], key: string, at: number): boolean {
  const index = former.indexOf(key);
  return index >= 0 && index < at;
}

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([key, field]) => !key.startsWith('$') && field !== null);
  return Object.fromEntries(entries.map(([key, field]) => [key, withoutDirectives(field)]));
}
