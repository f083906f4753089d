import { badRequest } from '../status-errors.ts';
import { unprocessable } from './patch-errors.ts';
import { isRecord, jsonEqual } from './json-value.ts';

/** More operations in one patch are refused, as the API server does. */
const MAX_OPERATIONS = 10_000;

type Parent =
  { readonly kind: 'object'; value: Record<string, unknown> } | { readonly kind: 'array'; value: unknown[] };

/** Copies may add so many characters of JSON in all: a few dozen copies of copies would fill any memory. */
const MAX_COPIED_CHARACTERS = 3 * 1024 * 1024;

/** Applies a JSON patch (RFC 6902). Throws a StatusError: 400 for what is no patch, 422 when an operation fails. */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest(`a JSON patch is an array of operations, not ${typeof patch}`);
  if (patch.length > MAX_OPERATIONS) {
    throw badRequest(`a JSON patch has at most ${MAX_OPERATIONS} operations, this one has ${patch.length}`);
  }
  const copied: Copied = { characters: 0 };
  return patch.reduce<unknown>((document, operation) => applyOperation(document, operation, copied), target);
}

/** What the operations of one patch have copied so far. */
interface Copied {
  characters: number;
}

function applyOperation(document: unknown, operation: unknown, copied: Copied): unknown {
  if (!isRecord(operation)) throw badRequest('an operation of a JSON patch is an object');
  const path = pointer(operation, 'path');
  switch (operation['op']) {
    case 'add':
      return add(document, path, required(operation, 'value'));
    case 'remove':
      return remove(document, path);
    case 'replace':
      if (path.length === 0) return required(operation, 'value');
      read(document, path);
      return add(remove(document, path), path, required(operation, 'value'));
    case 'move': {
      const from = pointer(operation, 'from');
      const value = read(document, from);
      return add(remove(document, from), path, value);
    }
    case 'copy': {
      const value = read(document, pointer(operation, 'from'));
      copied.characters += JSON.stringify(value).length;
      if (copied.characters > MAX_COPIED_CHARACTERS) {
        throw unprocessable(`the copies of one patch add at most ${MAX_COPIED_CHARACTERS} characters`);
      }
      return add(document, path, value);
    }
    case 'test':
      if (!jsonEqual(readOrNull(document, path), required(operation, 'value'))) {
        throw unprocessable(`testing path ${pathText(path)} failed: the value is another one`);
      }
      return document;
    default:
      throw badRequest(`unknown operation ${JSON.stringify(operation['op'])} in a JSON patch`);
  }
}

function required(operation: Readonly<Record<string, unknown>>, member: string): unknown {
  if (!Object.hasOwn(operation, member)) {
    throw badRequest(`the operation ${String(operation['op'])} of a JSON patch needs ${member}`);
  }
  return operation[member];
}

function pointer(operation: Readonly<Record<string, unknown>>, member: 'path' | 'from'): readonly string[] {
  const text = operation[member];
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) {
    throw badRequest(`${member} of a JSON patch operation is a JSON pointer, not ${JSON.stringify(text)}`);
  }
  if (text === '') return [];
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function pathText(path: readonly string[]): string {
  return `/${path.join('/')}`;
}

function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const token of path) {
    if (Array.isArray(value)) value = value[indexOf(value, token, path, value.length - 1)];
    else if (isRecord(value) && Object.hasOwn(value, token)) value = value[token];
    else throw unprocessable(`there is nothing at ${pathText(path)}`);
  }
  return value;
}

/** A `test` for null also holds where there is nothing, as in the library that the API server uses. */
function readOrNull(document: unknown, path: readonly string[]): unknown {
  const parent = path.slice(0, -1);
  const last = path.at(-1);
  const container = read(document, parent);
  if (last !== undefined && isRecord(container) && !Object.hasOwn(container, last)) return null;
  return read(document, path);
}

function add(document: unknown, path: readonly string[], value: unknown): unknown {
  return change(
    document,
    path,
    path,
    (parent, token) => {
      if (parent.kind === 'object') parent.value[token] = value;
      else
        parent.value.splice(
          token === '-' ? parent.value.length : indexOf(parent.value, token, path, parent.value.length),
          0,
          value,
        );
    },
    value,
  );
}

function remove(document: unknown, path: readonly string[]): unknown {
  read(document, path);
  return change(
    document,
    path,
    path,
    (parent, token) => {
      if (parent.kind === 'object') delete parent.value[token];
      else parent.value.splice(indexOf(parent.value, token, path, parent.value.length - 1), 1);
    },
    undefined,
  );
}

/** Copies every container on the way to the last token and lets `edit` change the copy of the last one. */
function change(
  document: unknown,
  rest: readonly string[],
  path: readonly string[],
  edit: (parent: Parent, token: string) => void,
  whole: unknown,
): unknown {
  const [token, ...deeper] = rest;
  if (token === undefined) return whole;
  if (Array.isArray(document)) {
    const copy: unknown[] = [...(document as readonly unknown[])];
    if (deeper.length === 0) edit({ kind: 'array', value: copy }, token);
    else {
      const index = indexOf(copy, token, path, copy.length - 1);
      copy[index] = change(copy[index], deeper, path, edit, whole);
    }
    return copy;
  }
  if (!isRecord(document)) throw unprocessable(`there is nothing to change at ${pathText(path)}`);
  const copy: Record<string, unknown> = { ...document };
  if (deeper.length === 0) edit({ kind: 'object', value: copy }, token);
  else {
    if (!Object.hasOwn(copy, token)) throw unprocessable(`there is nothing to change at ${pathText(path)}`);
    copy[token] = change(copy[token], deeper, path, edit, whole);
  }
  return copy;
}

function indexOf(list: readonly unknown[], token: string, path: readonly string[], max: number): number {
  const index = /^(0|[1-9]\d*)$/.test(token) ? Number(token) : -1;
  if (index < 0 || index > max) {
    throw unprocessable(
      `the index ${token} of ${pathText(path)} is outside of the list, which has ${list.length} items`,
    );
  }
  return index;
}
