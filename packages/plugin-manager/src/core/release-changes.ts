import type { Release } from '../protocol/release.ts';

const maxChanges = 100;
const maxDescriptionLength = 500;
const kindPattern = /^[a-z][a-z0-9 _-]{0,31}$/;

/**
 * What a source says is new in a release: texts, or `{kind, description}` as Artifact Hub has it
 * (https://artifacthub.io/docs/topics/annotations/helm/#example); 100 at most. What cannot be read is left out: people
 * read it, and nothing depends on it. Undefined where nothing is left.
 */
export function readChanges(value: unknown): Release['changes'] {
  if (!Array.isArray(value)) return undefined;
  const changes = value.slice(0, maxChanges).flatMap((item: unknown) => {
    if (typeof item === 'string') return changeOf(item, undefined);
    if (typeof item !== 'object' || item === null || !('description' in item)) return [];
    return changeOf(item.description, 'kind' in item ? item.kind : undefined);
  });
  return changes.length === 0 ? undefined : changes;
}

function changeOf(given: unknown, kind: unknown): NonNullable<Release['changes']> {
  if (typeof given !== 'string') return [];
  // Before anything else is done with a text that may be megabytes.
  const start = given.slice(0, maxDescriptionLength * 4);
  // eslint-disable-next-line no-control-regex -- they are what is taken out: a terminal shows it too
  const description = start.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  if (description === '') return [];
  const known = typeof kind === 'string' ? kind.toLowerCase() : '';
  const shownText =
    description.length > maxDescriptionLength ? `${description.slice(0, maxDescriptionLength - 1)}…` : description;
  return [{ ...(kindPattern.test(known) && { kind: known }), description: shownText }];
}
