import {
  contributesSchema,
  contributionKinds,
  declaredSchemas,
  maxPerKind,
  type ContributionKind,
  type Contributes,
  type DeclaredContribution,
} from '../protocol/contributions.ts';
import { shown } from './check-shape.ts';
import { nearestName } from './nearest-name.ts';

/** Problems that are told; a manifest can have thousands. */
const maxProblems = 10;

/** What of `contributes` can be used. */
export interface DeclaredContributes {
  /** Absent where nothing was declared, or nothing of it is left. */
  readonly contributes?: Contributes | undefined;
  /** What was left out, with its place; ten at most. */
  readonly problems: readonly string[];
}

/**
 * Reads `contributes` of package.json one by one, so that one that is wrong takes no other with it: a plugin with a
 * misspelt menu is still loaded.
 */
export function readContributes(value: unknown): DeclaredContributes {
  if (value === undefined) return { problems: [] };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problems: [`contributes: expected an object, got ${shown(value)}`] };
  const problems: string[] = [];
  const read: Record<string, readonly DeclaredContribution[]> = {};
  for (const [kind, items] of Object.entries(value)) {
    if (!isKind(kind)) problems.push(`contributes: there is no kind ${shown(kind)}${meant(kind)}`);
    else if (!Array.isArray(items)) problems.push(`contributes.${kind}: expected an array, got ${shown(items)}`);
    else {
      const declared = itemsOf(kind, items, problems);
      if (declared.length > 0) read[kind] = declared;
    }
  }
  const more = problems.length - maxProblems;
  return {
    contributes: Object.keys(read).length === 0 ? undefined : contributesSchema.parse(read),
    problems: more > 0 ? [...problems.slice(0, maxProblems), `contributes: ${String(more)} problems more`] : problems,
  };
}

function isKind(kind: string): kind is ContributionKind {
  return (contributionKinds as readonly string[]).includes(kind);
}

function meant(kind: string): string {
  const name = nearestName(kind, contributionKinds);
  return name === undefined ? '' : `; did you mean ${name}?`;
}

function itemsOf(kind: ContributionKind, items: readonly unknown[], problems: string[]): DeclaredContribution[] {
  const most = items.slice(0, maxPerKind);
  if (items.length > most.length)
    problems.push(`contributes.${kind}: expected at most ${String(maxPerKind)}, got ${String(items.length)}`);
  const declared = new Map<string, DeclaredContribution>();
  for (const [index, item] of most.entries()) {
    const parsed = declaredSchemas[kind].safeParse(item);
    const place = `contributes.${kind}[${String(index)}]`;
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const inside = [place, ...(issue?.path ?? []).map(String)].join('.');
      problems.push(`${inside}: ${issue?.message ?? 'it is not what it must be'}`);
    } else if (declared.has(parsed.data.id)) problems.push(`${place}.id: ${shown(parsed.data.id)} is declared twice`);
    else declared.set(parsed.data.id, parsed.data);
  }
  return [...declared.values()];
}
