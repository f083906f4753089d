import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import type { NewObject } from '../types.ts';
import type { Collection } from './collection.ts';
import { apiVersionOf } from './object-shape.ts';

/** The definition of the version that a collection stores, which is the first that was defined. */
export function storedDefinition(collection: Collection, asked: ResourceDefinition): ResourceDefinition {
  const [first] = collection.definitions.values();
  return first ?? asked;
}

/** A stored object as a client of one version reads it. */
export function inVersion(object: KubeObject, definition: ResourceDefinition): KubeObject {
  const apiVersion = apiVersionOf(definition);
  if (object.apiVersion === apiVersion) return object;
  return { ...(definition.conversion?.fromStored(object) ?? object), apiVersion };
}

/** What a client of one version wrote, to be checked and stored as `stored`; of a third version it stays as it is. */
export function toStored(input: NewObject, asked: ResourceDefinition, stored: ResourceDefinition): NewObject {
  const { apiVersion = '' } = input as Partial<KubeObject>;
  if (!asked.conversion || (apiVersion !== '' && apiVersion !== apiVersionOf(asked))) return input;
  return { ...asked.conversion.toStored(input as KubeObject), apiVersion: apiVersionOf(stored) };
}
