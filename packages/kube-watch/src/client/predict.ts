import type { KubeObject } from '../protocol/kube-object.ts';

type Json = Readonly<Record<string, unknown>>;

/** What an object will probably be; undefined when that cannot be told. The API's own answer replaces it soon. */
export type Predict = (object: KubeObject) => KubeObject | undefined;

/** JSON Merge Patch (RFC 7396). */
export function predictMergePatch(patch: unknown): Predict {
  return (object) => (isObject(patch) ? (mergePatch(object, patch) as unknown as KubeObject) : undefined);
}

/**
 * A strategic merge patch or an applied configuration, by the convention that lists whose entries all have a `name` are
 * merged by it. Other lists are left as they are, since only the API knows how they merge.
 */
export function predictStrategicMerge(patch: unknown): Predict {
  return (object) => (isObject(patch) ? (strategicMerge(object, patch) as unknown as KubeObject) : undefined);
}

/** The operations add, replace and remove of JSON Patch (RFC 6902). Others, and paths that do not exist, predict nothing. */
export function predictJsonPatch(patch: unknown): Predict {
  return (object) => {
    if (!Array.isArray(patch)) return undefined;
    let result: unknown = object;
    for (const operation of patch as readonly { op?: unknown; path?: unknown; value?: unknown }[]) {
      const { op, path, value } = operation;
      if (typeof path !== 'string' || !['add', 'replace', 'remove'].includes(String(op))) return undefined;
      const keys = path
        .split('/')
        .slice(1)
        .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
      result = jsonPatch(result, keys, op as 'add' | 'replace' | 'remove', value);
      if (result === undefined) return undefined;
    }
    return result as KubeObject;
  };
}

/** So many replicas wanted. */
export function predictScale(replicas: number): Predict {
  return predictMergePatch({ spec: { replicas } });
}

/** It is shown as ending, as a graceful deletion makes it. `now` is the time of day, RFC 3339. */
export function predictDelete(now: string): Predict {
  return (object) =>
    object.metadata.deletionTimestamp === undefined
      ? { ...object, metadata: { ...object.metadata, deletionTimestamp: now } }
      : object;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys of a patch may be anything; `__proto__` must stay a key. */
function withKey(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function mergePatch(target: unknown, patch: Json): Json {
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else withKey(result, key, isObject(value) ? mergePatch(own(result, key), value) : value);
  }
  return result;
}

function own(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function strategicMerge(target: unknown, patch: Json): Json {
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    const present = own(result, key);
    if (value === null) delete result[key];
    else if (isObject(value)) withKey(result, key, strategicMerge(present, value));
    else if (!Array.isArray(value)) withKey(result, key, value);
    else if (present === undefined) withKey(result, key, value);
    else if (isNamed(value) && isNamed(present)) withKey(result, key, mergeByName(present, value));
  }
  return result;
}

function isNamed(value: unknown): value is readonly (Json & { readonly name: string })[] {
  return Array.isArray(value) && value.every((entry) => isObject(entry) && typeof entry['name'] === 'string');
}

function mergeByName(present: readonly Json[], patch: readonly Json[]): readonly Json[] {
  const added = patch.filter(({ name }) => !present.some((entry) => entry['name'] === name));
  const merged = present.map((entry) => {
    const change = patch.find(({ name }) => name === entry['name']);
    return change === undefined ? entry : strategicMerge(entry, change);
  });
  return [...merged, ...added];
}

function jsonPatch(
  target: unknown,
  keys: readonly string[],
  op: 'add' | 'replace' | 'remove',
  value: unknown,
): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return op === 'remove' ? undefined : value;
  if (Array.isArray(target)) {
    const index = key === '-' ? target.length : Number(key);
    if (!Number.isInteger(index) || index < 0 || index > target.length) return undefined;
    const copy = [...(target as unknown[])];
    if (rest.length > 0) {
      const inner = jsonPatch(copy[index], rest, op, value);
      if (inner === undefined) return undefined;
      copy[index] = inner;
    } else if (op === 'add') copy.splice(index, 0, value);
    else if (index >= copy.length) return undefined;
    else if (op === 'remove') copy.splice(index, 1);
    else copy[index] = value;
    return copy;
  }
  if (!isObject(target)) return undefined;
  const copy: Record<string, unknown> = { ...target };
  if (rest.length > 0) {
    const inner = jsonPatch(own(copy, key), rest, op, value);
    if (inner === undefined) return undefined;
    withKey(copy, key, inner);
    return copy;
  }
  if (op !== 'add' && !Object.hasOwn(copy, key)) return undefined;
  if (op === 'remove') delete copy[key];
  else withKey(copy, key, value);
  return copy;
}
