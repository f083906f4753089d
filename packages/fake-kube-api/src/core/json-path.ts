import { isRecord } from './patch/json-value.ts';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'where'; readonly name: string; readonly value: string };

const TOKEN =
  /\.((?:[^.[\]\\]|\\.)+)|\[(-?\d+)\]|\[\*\]|\.\*|\['((?:[^'\\]|\\.)*)'\]|\[\?\(\s*@\.([\w-]+)\s*==\s*["']([^"']*)["']\s*\)\]/y;

/**
 * Reads the part of JSONPath that printer columns use (Kubernetes documentation, JSONPath Support): fields, indices,
 * `[*]` and `[?(@.type=="Ready")]`. Undefined for anything else.
 */
export function parseJsonPath(text: string): readonly Step[] | undefined {
  const path = text.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, '');
  const steps: Step[] = [];
  let at = 0;
  while (at < path.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(path);
    if (match === null) return undefined;
    at = TOKEN.lastIndex;
    steps.push(stepOf(match));
  }
  return steps;
}

function stepOf([, field, index, quoted, name, value]: RegExpExecArray): Step {
  const fieldName = field ?? quoted;
  if (fieldName !== undefined) return { kind: 'field', name: fieldName.replaceAll(/\\(.)/g, '$1') };
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  return name === undefined || value === undefined ? { kind: 'all' } : { kind: 'where', name, value };
}

/** Every value that a path leads to, in order. */
export function readJsonPath(steps: readonly Step[], value: unknown): readonly unknown[] {
  return steps.reduce<readonly unknown[]>((found, step) => found.flatMap((one) => follow(step, one)), [value]);
}

function follow(step: Step, value: unknown): readonly unknown[] {
  if (step.kind === 'field') {
    return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  switch (step.kind) {
    case 'index': {
      const item = items.at(step.index);
      return item === undefined ? [] : [item];
    }
    case 'all':
      return isRecord(value) ? Object.values(value) : items;
    case 'where':
      return items.filter((item) => isRecord(item) && item[step.name] === step.value);
  }
}
