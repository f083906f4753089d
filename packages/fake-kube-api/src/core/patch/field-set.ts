/**
 * A set of paths into an object, in the form of FieldsV1 (Kubernetes documentation, Server-Side Apply): a tree whose keys
 * are path elements. `f:name` is a field, `k:{"name":"a"}` a list item by its keys, `v:"a"` a member of a set. A node
 * without keys is in the set; one with keys is in it when it has the key `.`. The root itself never is.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** While it is built. */
interface Node {
  [element: string]: Node;
}

/** Collects paths into a set. */
export interface FieldSetBuilder {
  insert(path: readonly string[]): void;
  build(): FieldSet;
}

const SELF = '.';

/** A set without any path. */
export const EMPTY_FIELD_SET: FieldSet = {};

/** A builder that begins with nothing. */
export function createFieldSetBuilder(): FieldSetBuilder {
  const root: Node = {};
  return {
    insert(path) {
      let node = root;
      path.forEach((element, index) => {
        let child = node[element];
        const isLast = index === path.length - 1;
        if (child === undefined) {
          child = {};
          node[element] = child;
        } else if (isLast ? !isSelf(child) : Object.keys(child).length === 0) {
          child[SELF] = {};
        }
        node = child;
      });
    },
    build: () => root,
  };
}

/** The set of a `fieldsV1`; what is no object counts as empty. */
export function readFields(fields: unknown): FieldSet {
  return typeof fields === 'object' && fields !== null ? (fields as FieldSet) : EMPTY_FIELD_SET;
}

/** Whether a set has no path at all. */
export function isEmptySet(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

/** Paths that are in either set. */
export function unionOf(left: FieldSet, right: FieldSet): FieldSet {
  let result = left;
  for (const [element, other] of childrenOf(right)) {
    const own = childOf(left, element);
    const united = own === undefined ? other : nodeOf(unionOf(own, other), isSelf(own) || isSelf(other));
    if (united !== undefined && united !== own) result = { ...result, [element]: united };
  }
  return result;
}

/** Paths of `left` that are not in `right`; `left` itself when there are no others. */
export function differenceOf(left: FieldSet, right: FieldSet): FieldSet {
  let result = left;
  for (const [element, other] of childrenOf(right)) {
    const own = childOf(left, element);
    if (own === undefined) continue;
    const rest = differenceOf(own, other);
    const remaining = rest === own && !isSelf(other) ? own : nodeOf(rest, isSelf(own) && !isSelf(other));
    if (remaining !== own) result = withChild(result, element, remaining);
  }
  return result;
}

/** Paths that are in both sets. */
export function intersectionOf(left: FieldSet, right: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const [element, other] of childrenOf(right)) {
    const own = childOf(left, element);
    const common = own && nodeOf(intersectionOf(own, other), isSelf(own) && isSelf(other));
    if (common !== undefined) result[element] = common;
  }
  return result;
}

/** Takes a path and everything below it out of a set. */
export function withoutSubtree(set: FieldSet, path: readonly string[]): FieldSet {
  const [element, ...rest] = path;
  const child = element === undefined ? undefined : childOf(set, element);
  if (element === undefined || child === undefined) return set;
  if (rest.length === 0) return withChild(set, element, undefined);
  const smaller = withoutSubtree(child, rest);
  return smaller === child ? set : withChild(set, element, nodeOf(smaller, isSelf(child)));
}

/** The paths of a set in the form of messages, such as `.spec.containers[name="main"].image`, in order. */
export function pathTexts(set: FieldSet, prefix = ''): readonly string[] {
  return childrenOf(set)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([element, child]) => {
      const path = prefix + elementText(element);
      return [...(isSelf(child) ? [path] : []), ...pathTexts(child, path)];
    });
}

/** Clients may write any JSON as FieldsV1: what is no object counts as absent. */
function childOf(set: FieldSet, element: string): FieldSet | undefined {
  const child: unknown = Object.hasOwn(set, element) ? set[element] : undefined;
  return typeof child === 'object' && child !== null ? (child as FieldSet) : undefined;
}

function childrenOf(set: FieldSet): readonly (readonly [element: string, child: FieldSet])[] {
  return Object.entries(set).filter(([element]) => element !== SELF);
}

function isSelf(node: FieldSet): boolean {
  return Object.hasOwn(node, SELF) || isEmptySet(node);
}

/** A node with the children of `children`, in the set or not; undefined when nothing is left of it. */
function nodeOf(children: FieldSet, isMember: boolean): FieldSet | undefined {
  const { [SELF]: self, ...rest } = children;
  if (isEmptySet(rest)) return isMember ? {} : undefined;
  if (!isMember) return self === undefined ? children : rest;
  return self === undefined ? { [SELF]: {}, ...rest } : children;
}

function withChild(set: FieldSet, element: string, child: FieldSet | undefined): FieldSet {
  if (child !== undefined) return { ...set, [element]: child };
  const { [element]: _, ...rest } = set;
  return rest;
}

function elementText(element: string): string {
  const content = element.slice(2);
  if (element.startsWith('f:')) return `.${content}`;
  if (element.startsWith('v:')) return `[=${content}]`;
  if (!element.startsWith('k:')) return `[${content}]`;
  const keys = Object.entries(JSON.parse(content) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}
