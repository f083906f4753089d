import type { JsonSchema } from '../resource-definition.ts';

/** Packages of Go types by the short name that notations use; OpenAPI names definitions after them. */
const PACKAGES: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta.v1',
  core: 'io.k8s.api.core.v1',
};

/** A type in short: one line for each field, see {@link readField}. */
export interface TypeNotation {
  readonly about?: string;
  /** True adds `apiVersion`, `kind` and `metadata`. */
  readonly root?: boolean;
  /** True for a type that apply sets as a whole (`x-kubernetes-map-type: atomic`). */
  readonly atomic?: boolean;
  readonly fields: Readonly<Record<string, string>>;
}

const ROOT_FIELDS: Readonly<Record<string, string>> = {
  apiVersion: 'string | Group and version of this kind, such as apps/v1.',
  kind: 'string | The kind of this object.',
  metadata: 'meta.ObjectMeta | Name, labels and what the server notes of the object.',
};

const PRIMITIVES: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
  quantity: { type: 'string', format: 'quantity' },
  intOrString: { 'x-kubernetes-int-or-string': true },
  object: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  any: { 'x-kubernetes-preserve-unknown-fields': true },
};

/** Reads the types of one package into definitions by their full names. */
export function readSchemas(
  packageName: string,
  types: Readonly<Record<string, TypeNotation>>,
): Readonly<Record<string, JsonSchema>> {
  const schemas = Object.entries(types).map(([name, type]) => [`${packageName}.${name}`, readType(packageName, type)]);
  return Object.fromEntries(schemas) as Record<string, JsonSchema>;
}

function readType(packageName: string, type: TypeNotation): JsonSchema {
  const fields = Object.entries(type.root === true ? { ...ROOT_FIELDS, ...type.fields } : type.fields);
  const required = fields.filter(([, notation]) => isRequired(notation)).map(([name]) => name);
  return {
    type: 'object',
    ...(type.about === undefined ? {} : { description: type.about }),
    properties: Object.fromEntries(fields.map(([name, notation]) => [name, readField(packageName, notation)])),
    ...(required.length === 0 ? {} : { required }),
    ...(type.atomic === true ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
}

function isRequired(notation: string): boolean {
  return /^[^ |]*!/.test(notation);
}

/**
 * Reads `type[!] [marks] [| description]`. A type is a primitive, the name of a type of the same package (or of `meta.`
 * and `core.`), `[type]` for a list, `{type}` for a map by names; `!` makes it required. Marks: `set`, `map=a,b` (how
 * apply merges a list, and its keys), `merge` or `merge=key` or `merge,retainKeys=key` (how a strategic patch does),
 * `retainKeys`, `atomicMap`, `default=text`. Throws on anything else.
 */
export function readField(packageName: string, notation: string): JsonSchema {
  const [declaration = '', description] = notation.split(' | ', 2);
  const [type = '', ...marks] = declaration.trim().split(' ');
  const schema = readTypeName(packageName, type.replace(/!$/, ''));
  const described = description === undefined ? schema : { description, ...schema };
  return marks.reduce<JsonSchema>((rest, mark) => ({ ...rest, ...readMark(mark) }), described);
}

function readTypeName(packageName: string, type: string): JsonSchema {
  const inner = /^\[(.+)\]$/.exec(type)?.[1];
  if (inner !== undefined) return { type: 'array', items: readTypeName(packageName, inner) };
  const values = /^\{(.+)\}$/.exec(type)?.[1];
  if (values !== undefined) return { type: 'object', additionalProperties: readTypeName(packageName, values) };
  const primitive = PRIMITIVES[type];
  if (primitive !== undefined) return primitive;
  const [, packageAlias, name] = /^(?:([a-z]+)\.)?([A-Z]\w+)$/.exec(type) ?? [];
  const target = packageAlias === undefined ? packageName : PACKAGES[packageAlias];
  if (name === undefined || target === undefined) throw new Error(`no type is written as ${JSON.stringify(type)}`);
  return { ref: `${target}.${name}` };
}

function readMark(mark: string): JsonSchema {
  const [name = '', keys] = mark.split('=');
  if (name === 'set') return { 'x-kubernetes-list-type': 'set' };
  if (name === 'map' && keys !== undefined) {
    return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys.split(',') };
  }
  if (name === 'default' && keys !== undefined) return { default: keys };
  if (name === 'atomicMap') return { 'x-kubernetes-map-type': 'atomic' };
  if (name === 'retainKeys' || name === 'merge' || name === 'merge,retainKeys') {
    return {
      'x-kubernetes-patch-strategy': name,
      ...(keys === undefined ? {} : { 'x-kubernetes-patch-merge-key': keys }),
    };
  }
  throw new Error(`no mark of a field is written as ${JSON.stringify(mark)}`);
}
