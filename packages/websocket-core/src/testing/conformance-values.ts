/** Values that earlier steps of a case have captured, by name. */
export type Bindings = Map<string, unknown>;

/**
 * Compares a value with what a case expects: undefined when it fits, else what does not. Of an object the members that
 * are named must fit; arrays must have equal lengths; null also stands for an absent member; `"*"` fits any value that is
 * there, `"*name"` captures it, and `"$name"` stands for what was captured.
 */
export function matchValue(expected: unknown, actual: unknown, bindings: Bindings, path = ''): string | undefined {
  if (typeof expected === 'string') return matchText(expected, actual, bindings, path);
  if (expected === null) return actual === null || actual === undefined ? undefined : `expected nothing at ${at(path)}`;
  if (typeof expected !== 'object')
    return expected === actual ? undefined : `expected ${JSON.stringify(expected)} at ${at(path)}`;
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) {
    return `expected ${Array.isArray(expected) ? 'an array' : 'an object'} at ${at(path)}`;
  }
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) {
    return `expected ${String(expected.length)} elements at ${at(path)}`;
  }
  for (const [name, value] of Object.entries(expected)) {
    const member = Object.hasOwn(actual, name) ? (actual as Record<string, unknown>)[name] : undefined;
    const problem = matchValue(value, member, bindings, `${path}.${name}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function matchText(expected: string, actual: unknown, bindings: Bindings, path: string): string | undefined {
  if (expected.startsWith('*')) {
    if (actual === undefined) return `expected something at ${at(path)}`;
    if (expected.length > 1) bindings.set(expected.slice(1), actual);
    return undefined;
  }
  const wanted = fillIn(expected, bindings);
  return JSON.stringify(wanted) === JSON.stringify(actual)
    ? undefined
    : `expected ${JSON.stringify(wanted)} at ${at(path)}`;
}

/** A copy in which `"$name"` is replaced by what was captured as `name`. Throws when nothing was. */
export function fillIn(value: unknown, bindings: Bindings): unknown {
  if (typeof value === 'string' && value.startsWith('$')) {
    const name = value.slice(1);
    if (!bindings.has(name)) throw new Error(`nothing was captured as ${name}`);
    return bindings.get(name);
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, bindings));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fillIn(member, bindings)]));
}

function at(path: string): string {
  return path === '' ? 'the top' : path.slice(1);
}
