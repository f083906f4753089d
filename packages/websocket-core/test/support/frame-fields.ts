import { codeSpans } from './markdown.ts';

/** Fields by name: required, optional, or an object's own fields where the document shows them. */
export interface Fields {
  [name: string]: FieldInfo;
}
export interface FieldInfo {
  readonly optional: boolean;
  readonly fields?: Fields;
}

interface ZodDef {
  readonly type: string;
  readonly shape?: Record<string, { readonly def: ZodDef }>;
  readonly innerType?: { readonly def: ZodDef };
  readonly element?: { readonly def: ZodDef };
}

/** The fields that a schema takes, with those of its objects and of its arrays' objects. */
export function fieldsOfSchema(schema: unknown): Fields {
  return fieldsOfDef((schema as { def: ZodDef }).def) ?? {};
}

function fieldsOfDef(def: ZodDef): Fields | undefined {
  if (def.innerType !== undefined) return fieldsOfDef(def.innerType.def);
  if (def.element !== undefined) return fieldsOfDef(def.element.def);
  if (def.shape === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(def.shape).map(([name, { def: field }]) => {
      const fields = fieldsOfDef(field);
      return [name, { optional: field.type === 'optional', ...(fields === undefined ? {} : { fields }) }];
    }),
  );
}

/** The fields that a cell of the document's table names: `a`, `b?`, `c {d, e?}`, `f? [{g}]`. */
export function fieldsOfCell(cell: string): Fields {
  return Object.assign({}, ...codeSpans(cell).map((span) => parseFields(span))) as Fields;
}

function parseFields(text: string): Fields {
  const fields: Fields = {};
  const form = /([\w.]+)(\?)?\s*(?:\[?\{)?/y;
  let index = 0;
  while (index < text.length) {
    form.lastIndex = index;
    const match = form.exec(text);
    if (match === null) throw new Error(`cannot read the fields "${text}" from ${String(index)}`);
    const [all, name = '', mark] = match;
    const info = { optional: mark === '?' };
    index += all.length;
    if (all.endsWith('{')) {
      const end = closingBrace(text, index);
      fields[name] = { ...info, fields: parseFields(text.slice(index, end)) };
      index = end + 1;
    } else {
      fields[name] = info;
    }
    while (index < text.length && ' ,]'.includes(text.charAt(index))) index += 1;
  }
  return fields;
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    if (text[index] === '}') depth -= 1;
    if (depth === 0) return index;
  }
  throw new Error(`"${text}" does not close its brace`);
}
