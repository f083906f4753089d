import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { badRequest } from '../status-errors.ts';

/** Whether an object's fields fit. */
export type FieldMatcher = (object: KubeObject) => boolean;

interface Term {
  readonly field: string;
  readonly value: string;
  readonly equal: boolean;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\,=])/g, '$1');
}

function termsOf(selector: string): Term[] {
  const terms: Term[] = [];
  for (const part of selector.split(/(?<!\\),/)) {
    if (part === '') continue;
    const match = /^((?:[^\\=!]|\\.)*)(!=|==|=)(.*)$/.exec(part);
    if (!match) {
      throw badRequest(`invalid selector: '${selector}'; can't understand '${part}'`);
    }
    const [, field = '', operator, value = ''] = match;
    terms.push({ field, value: unescaped(value), equal: operator !== '!=' });
  }
  return terms;
}

// Fields of the real server that are never empty: booleans and counts.
const ABSENT: Readonly<Record<string, string>> = {
  'spec.hostNetwork': 'false',
  'spec.unschedulable': 'false',
  'status.replicas': '0',
  'status.successful': '0',
};

// Where a selector's field is called otherwise in the object: of an event's source the component is compared, and of a job
// the count of pods that have succeeded (k8s.io/kubernetes, `JobToSelectableFields`).
const PATHS: Readonly<Record<string, string>> = {
  source: 'source.component',
  'status.successful': 'status.succeeded',
};

/** The value at a dotted path as a field selector compares it; what is absent is the empty string. */
function fieldOf(object: KubeObject, field: string): string {
  let value: unknown = object;
  for (const name of (PATHS[field] ?? field).split('.')) {
    if (typeof value !== 'object' || value === null) return ABSENT[field] ?? '';
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : (ABSENT[field] ?? '');
}

/** A parsed field selector. `name` is set when it asks for exactly one name. */
export interface FieldSelector {
  readonly matches: FieldMatcher;
  readonly name: string | undefined;
}

/**
 * Parses a field selector, `a.b=c,d!=e` (Kubernetes documentation, Field Selectors). Undefined where it selects
 * everything.
 *
 * @throws StatusError 400 for fields that the definition does not offer.
 */
export function parseFieldSelector(
  selector: string | undefined,
  definition: ResourceDefinition,
): FieldSelector | undefined {
  if (selector === undefined || selector === '') return undefined;
  const terms = termsOf(selector);
  for (const { field } of terms) {
    if (field === 'metadata.name' || field === 'metadata.namespace') continue;
    if (definition.fieldSelectors.includes(field)) continue;
    throw badRequest(
      definition.strategicMerge
        ? `Unable to find "${definition.group}/${definition.version}, Resource=${definition.resource}" that match label selector "", field selector "${selector}": field label not supported: ${field}`
        : `field label not supported: ${field}`,
    );
  }
  const name = terms.find((term) => term.field === 'metadata.name' && term.equal)?.value;
  return {
    matches: (object) => terms.every((term) => (fieldOf(object, term.field) === term.value) === term.equal),
    name,
  };
}
