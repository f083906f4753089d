import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import type { Selection } from '../types.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';

/** What a selection asks for beside its namespace. */
export interface Matcher {
  /** Undefined when every object fits. */
  readonly matches: ((object: KubeObject) => boolean) | undefined;
  /** The only name that can fit, where the selection names one. */
  readonly name: string | undefined;
}

const NO_LABELS: Readonly<Record<string, string>> = {};

/**
 * Compiles the selectors of a selection.
 *
 * @throws StatusError 400 when one cannot be parsed or names an unknown field.
 */
export function matcherOf(definition: ResourceDefinition, selection: Selection): Matcher {
  const labels = parseLabelSelector(selection.labelSelector);
  const fields = parseFieldSelector(selection.fieldSelector, definition);
  if (!labels && !fields) return { matches: undefined, name: undefined };
  return {
    matches: (object) =>
      (!labels || labels(object.metadata.labels ?? NO_LABELS)) && (!fields || fields.matches(object)),
    name: fields?.name,
  };
}
