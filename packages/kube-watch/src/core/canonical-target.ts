import type { WatchTarget } from '../protocol/resource.ts';

/**
 * A string that two targets share exactly when they are the same list. The requirements of a selector are all to hold,
 * so their order and repetitions mean nothing; what is within a requirement is left as it is. An empty group, namespace
 * or selector is the same as none.
 */
export function targetKey(target: WatchTarget): string {
  const { cluster, resource, namespace, labelSelector, fieldSelector, projection } = target;
  return JSON.stringify([
    cluster,
    resource.group ?? '',
    resource.version,
    resource.resource,
    namespace ?? '',
    canonicalSelector(labelSelector ?? ''),
    canonicalSelector(fieldSelector ?? ''),
    projection ?? 'full',
  ]);
}

/** The requirements of a label or field selector, sorted and each once. */
export function canonicalSelector(selector: string): string {
  const requirements = splitRequirements(selector).filter((requirement) => requirement !== '');
  return [...new Set(requirements)].sort().join(',');
}

/** Commas within the parentheses of `in (a,b)` and those that a field selector escapes (`\,`) part nothing. */
function splitRequirements(selector: string): string[] {
  const requirements: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < selector.length; index += 1) {
    const character = selector[index];
    if (character === '\\') index += 1;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth === 0) {
      requirements.push(selector.slice(start, index).trim());
      start = index + 1;
    }
  }
  requirements.push(selector.slice(start).trim());
  return requirements;
}
