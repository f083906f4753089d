/**
 * A set of paths into an object, as a tree: the keys are path elements in the form of FieldsV1 (Kubernetes
 * documentation, Server-Side Apply): `f:name` a field, `k:{"name":"a"}` a list item by its keys, `v:"a"` a set member.
 */
export interface FieldSet {
  readonly isMember: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

interface MutableFieldSet extends FieldSet {
  isMember: boolean;
  readonly children: Map<string, MutableFieldSet>;
}

/** Collects paths into a set. */
export interface FieldSetBuilder {
  insert(path: readonly string[]): void;
  build(): FieldSet;
}

export const EMPTY_FIELD_SET: FieldSet = { isMember: false, children: new Map() };

/** A builder that begins with nothing. */
export function createFieldSetBuilder(): FieldSetBuilder {
  const root: MutableFieldSet = { isMember: false, children: new Map() };
  return {
    insert(path) {
      let node = root;
      for (const element of path) {
        let child = node.children.get(element);
        if (child === undefined) {
          child = { isMember: false, children: new Map() };
          node.children.set(element, child);
        }
        node = child;
      }
      node.isMember = true;
    },
    build: () => root,
  };
}

/** The set of a `fieldsV1`; what is no FieldsV1 counts as empty. */
export function decodeFields(fields: unknown): FieldSet {
  const root = decodeNode(fields);
  return { isMember: false, children: root.children };
}

function decodeNode(fields: unknown): FieldSet {
  const entries = Object.entries(typeof fields === 'object' && fields !== null ? fields : {});
  const children = new Map(entries.filter(([key]) => key !== '.').map(([key, value]) => [key, decodeNode(value)]));
  return { isMember: children.size === 0 || children.size < entries.length, children };
}

/** A set as `fieldsV1`, its keys in order. */
export function encodeFields(set: FieldSet): object {
  const children = [...set.children]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, child]) => [key, encodeFields(child)] as const);
  const self = set.isMember && children.length > 0 ? [['.', {}] as const] : [];
  return Object.fromEntries([...self, ...children]);
}

export function isEmptySet(set: FieldSet): boolean {
  return !set.isMember && set.children.size === 0;
}

/** Paths that are in either set. */
export function unionOf(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (inLeft, inRight) => inLeft || inRight);
}

/** Paths of `left` that are not in `right`. */
export function differenceOf(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (inLeft, inRight) => inLeft && !inRight);
}

/** Paths that are in both sets. */
export function intersectionOf(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (inLeft, inRight) => inLeft && inRight);
}

function combine(left: FieldSet, right: FieldSet, choose: (inLeft: boolean, inRight: boolean) => boolean): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const key of new Set([...left.children.keys(), ...right.children.keys()])) {
    const a = left.children.get(key) ?? EMPTY_FIELD_SET;
    const b = right.children.get(key) ?? EMPTY_FIELD_SET;
    const child = combine(a, b, choose);
    if (!isEmptySet(child)) children.set(key, child);
  }
  return { isMember: choose(left.isMember, right.isMember), children };
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left.isMember !== right.isMember || left.children.size !== right.children.size) return false;
  return [...left.children].every(([key, child]) => {
    const other = right.children.get(key);
    return other !== undefined && equalSets(child, other);
  });
}

/** Takes a path and everything below it out of a set. */
export function withoutSubtree(set: FieldSet, path: readonly string[]): FieldSet {
  const [element, ...rest] = path;
  const child = element === undefined ? undefined : set.children.get(element);
  if (element === undefined || child === undefined) return set;
  const children = new Map(set.children);
  const smaller = rest.length === 0 ? EMPTY_FIELD_SET : withoutSubtree(child, rest);
  if (isEmptySet(smaller)) children.delete(element);
  else children.set(element, smaller);
  return { isMember: set.isMember, children };
}

/** The paths of a set in the form of messages, such as `.spec.containers[name="main"].image`, in order. */
export function pathTexts(set: FieldSet, prefix = ''): readonly string[] {
  const own = set.isMember ? [prefix] : [];
  const children = [...set.children].sort(([left], [right]) => (left < right ? -1 : 1));
  return [...own, ...children.flatMap(([key, child]) => pathTexts(child, prefix + elementText(key)))];
}

function elementText(element: string): string {
  const content = element.slice(2);
  if (element.startsWith('f:')) return `.${content}`;
  if (element.startsWith('v:')) return `[=${content}]`;
  if (!element.startsWith('k:')) return `[${content}]`;
  const keys = Object.entries(JSON.parse(content) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}
