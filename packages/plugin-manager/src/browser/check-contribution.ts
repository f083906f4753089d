import { contributionKinds, declaredSchemas, type ContributionKind } from '../protocol/contributions.ts';
import type { Contribution } from '../sdk/contributions.ts';

interface Code {
  readonly name: string;
  readonly expected: string;
  readonly isValid: (value: unknown) => boolean;
  readonly isOptional?: boolean;
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

/** Components are functions, or the objects that `memo`, `forwardRef` and `lazy` make. */
function isComponent(value: unknown): boolean {
  return isFunction(value) || (typeof value === 'object' && value !== null && '$$typeof' in value);
}

const component: Code = { name: 'component', expected: 'a component of React', isValid: isComponent };
const run: Code = { name: 'run', expected: 'a function', isValid: isFunction };

function optional(name: string): Code {
  return { name, expected: 'a function', isValid: isFunction, isOptional: true };
}

/** What a kind has beside its declared part. */
const codeOf: Readonly<Record<ContributionKind, readonly Code[]>> = {
  navigation: [],
  theme: [],
  route: [component],
  listColumn: [component, optional('text')],
  detailSection: [component],
  overviewWidget: [component],
  rowAction: [run, optional('isEnabled')],
  command: [run],
};

/** Whether a name, which may come from a plugin, is that of a kind. */
export function isContributionKind(kind: unknown): kind is ContributionKind {
  return (contributionKinds as readonly unknown[]).includes(kind);
}

/** Whether a kind does nothing without the plugin's code; the others are whole as they are declared. */
export function needsCode(kind: ContributionKind): boolean {
  return codeOf[kind].length > 0;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

/**
 * What a plugin gave as a contribution, each property read once, checked and frozen; a text says what is wrong with it.
 * Throws what reading it throws.
 */
export function checkContribution(kind: ContributionKind, given: unknown, isDeclared: boolean): Contribution | string {
  const copy: Readonly<Record<string, unknown>> = { ...(given as object) };
  const parsed = declaredSchemas[kind].safeParse(copy);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.map(String).join('.') || 'the contribution'}: ${issue?.message ?? 'not valid'}`;
  }
  const declared = frozen(parsed.data);
  if (isDeclared) return declared as Contribution;
  const code: Record<string, unknown> = {};
  for (const { name, expected, isValid, isOptional = false } of codeOf[kind]) {
    const value = copy[name];
    if (isOptional && value === undefined) continue;
    if (!isValid(value)) return `${name}: expected ${expected}`;
    code[name] = value;
  }
  return Object.freeze({ ...declared, ...code }) as Contribution;
}
