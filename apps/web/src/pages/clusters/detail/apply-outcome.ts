import type { KubeWatchError, Status } from '@fleetwire/kube-watch';

/** A field that an apply would take from another manager. */
export interface FieldConflict {
  /** As the server writes it: `.spec.replicas`. */
  readonly field: string;
  readonly manager: string;
}

/** The conflicts of a refused server-side apply; undefined when it failed for another reason. */
export function conflictsOf(error: KubeWatchError): readonly FieldConflict[] | undefined {
  if (error.status !== 409) return undefined;
  const status = error.details as Status | undefined;
  const causes = (status?.details?.causes ?? []).filter(({ reason }) => reason === 'FieldManagerConflict');
  if (causes.length === 0) return undefined;
  return causes.map(({ field = '', message = '' }) => ({
    field,
    manager: /conflict with "([^"]*)"/.exec(message)?.[1] ?? 'another manager',
  }));
}

/**
 * What a user took out of an object and the server kept, because others own it: the dotted paths, whole branches once.
 * Entries of lists count by their `name`, or their place.
 */
export function keptFields(before: unknown, edited: unknown, after: unknown): readonly string[] {
  const kept: string[] = [];
  collect(before, edited, after, '', kept);
  return kept;
}

function collect(before: unknown, edited: unknown, after: unknown, path: string, kept: string[]): void {
  const old = entriesOf(before);
  if (old === undefined || entriesOf(edited) === undefined) return;
  const wanted = entriesOf(edited) ?? new Map<string, unknown>();
  const present = entriesOf(after) ?? new Map<string, unknown>();
  for (const [key, value] of old) {
    if (!present.has(key)) continue;
    const inner = `${path}${key}`;
    if (!wanted.has(key)) kept.push(inner);
    else collect(value, wanted.get(key), present.get(key), inner, kept);
  }
}

/** Members of an object or a list by a key that stays the same while the rest changes. */
function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value).map(([key, member]) => [`.${key}`, member]));
  return new Map(
    value.map((member: unknown, index) => {
      const name = (member as { readonly name?: unknown } | null)?.name;
      return [typeof name === 'string' ? `[${name}]` : `[${String(index)}]`, member];
    }),
  );
}
