import { isMap, isScalar, LineCounter, parseDocument, stringify } from 'yaml';
import type { KubeObject } from '@fleetwire/kube-watch';

/** Fields that the server alone writes: they have no place in what a user applies. */
const serverMetadata = [
  'managedFields',
  'resourceVersion',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'selfLink',
];

/** An object as YAML for reading: everything but `managedFields`, which is bookkeeping of the server. */
export function toYaml(object: KubeObject): string {
  const { managedFields: _, ...metadata } = object.metadata;
  return writeYaml({ ...object, metadata });
}

/** An object as YAML for editing: what a user may set. */
export function toEditableYaml(object: KubeObject): string {
  return writeYaml(editablePart(object));
}

/** The part of an object that a user may set. */
export function editablePart(object: object): Record<string, unknown> {
  const { status: _, metadata, ...rest } = object as { readonly status?: unknown; readonly metadata?: object };
  const kept = Object.entries(metadata ?? {}).filter(([key]) => !serverMetadata.includes(key));
  const { apiVersion, kind, ...others } = rest as Record<string, unknown>;
  return { apiVersion, kind, metadata: Object.fromEntries(kept), ...others };
}

/** Whether two states of an object are the same in what a user may set. */
export function isSameEditable(a: KubeObject, b: KubeObject): boolean {
  if (a.metadata.uid !== b.metadata.uid) return false;
  return a.metadata.resourceVersion === b.metadata.resourceVersion || toEditableYaml(a) === toEditableYaml(b);
}

/** A text that was read, or why it could not be, with the line (from 1) where that shows. */
export type ParsedYaml =
  { readonly object: Record<string, unknown> } | { readonly message: string; readonly line: number | undefined };

/**
 * Reads an edited object. What names it must stay: another name, namespace, kind or version would be another object.
 */
export function parseEdited(text: string, original: KubeObject): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) return { message: error.message, line: lines.linePos(error.pos[0]).line };
  if (!isMap(document.contents)) return { message: 'expected an object with keys, such as kind and metadata', line: 1 };
  const identity: readonly (readonly [readonly string[], unknown])[] = [
    [['apiVersion'], original.apiVersion],
    [['kind'], original.kind],
    [['metadata', 'name'], original.metadata.name],
    [['metadata', 'namespace'], original.metadata.namespace],
  ];
  for (const [path, expected] of identity) {
    const node = document.getIn(path, true);
    const value = isScalar(node) ? node.value : node;
    if ((value ?? undefined) === expected) continue;
    const offset = isScalar(node) ? node.range?.[0] : undefined;
    return {
      message: `${path.join('.')} names the object: expected ${describe(expected)}, got ${describe(value)}`,
      line: offset === undefined ? undefined : lines.linePos(offset).line,
    };
  }
  return { object: editablePart(document.toJS() as object) };
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

/** Any value as YAML in the form that all views share. */
export function writeYaml(value: object): string {
  // Long lines stay whole, as kubectl prints them.
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
