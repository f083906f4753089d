import type { Release } from '../protocol/release.ts';
import { inOneLine } from './catalog-texts.ts';

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
  const description = inOneLine(given, maxDescriptionLength);
  if (description === '') return [];
  const known = typeof kind === 'string' ? kind.toLowerCase() : '';
  return [{ ...(kindPattern.test(known) && { kind: known }), description }];
}
