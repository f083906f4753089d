import type { KubeObject } from '../protocol/kube-object.ts';

/**
 * The object without `metadata.managedFields`: who set which field, often a third of an object and shown nowhere. It is
 * copied rather than deleted from, which would make V8 keep the object as a dictionary.
 */
export function dropManagedFields<T extends KubeObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
