import type { StatusCause } from '../protocol/status.ts';
import { fieldSchema } from './patch/schema-shape.ts';
import { isRecord } from './patch/json-value.ts';
import type { JsonSchema, ResourceDefinition } from './resource-definition.ts';
import { resolveSchema } from './resources/schema-registry.ts';

/** Whether a schema lets fields pass that it does not name. */
function isOpen(schema: JsonSchema): boolean {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-embedded-resource'] === true)
    return true;
  return schema.properties === undefined || schema.additionalProperties !== undefined;
}

/** What a strategic merge patch says beside fields. */
const DIRECTIVE = /^\$(patch|retainKeys|setElementOrder\/.*|deleteFromPrimitiveList\/.*)$/;

/**
 * Paths of fields that the schema of a resource does not know, such as `spec.containers[0].imagee`; for an object, or for
 * a patch of one.
 */
export function unknownFields(definition: Pick<ResourceDefinition, 'schema'>, object: unknown): readonly string[] {
  const found: string[] = [];
  visitUnknown(definition.schema, object, '', (path) => found.push(path));
  return found;
}

function visitUnknown(
  given: JsonSchema | undefined,
  value: unknown,
  path: string,
  report: (path: string) => void,
): void {
  const schema = resolveSchema(given);
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      visitUnknown(schema.items, item, `${path}[${index}]`, report);
    });
    return;
  }
  if (!isRecord(value)) return;
  const open = isOpen(schema);
  for (const [name, field] of Object.entries(value)) {
    const own = path === '' ? name : `${path}.${name}`;
    const known = fieldSchema(schema, name);
    if (known !== undefined) visitUnknown(known, field, own, report);
    else if (!open && !DIRECTIVE.test(name)) report(own);
  }
}

/**
 * A value without the fields that its schema does not know; the same value where there are none. With `dropsNulls` also
 * without those that are null, as the Go types of built-in resources are read; only times may be null in them.
 */
export function pruneUnknown(given: JsonSchema | undefined, value: unknown, dropsNulls = false): unknown {
  const schema = resolveSchema(given);
  if (schema === undefined) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const pruned = items.map((item) => pruneUnknown(schema.items, item, dropsNulls));
    return pruned.every((item, index) => item === items[index]) ? value : pruned;
  }
  if (!isRecord(value)) return value;
  const open = isOpen(schema);
  let isChanged = false;
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const known = fieldSchema(schema, name);
    const isDroppedNull = dropsNulls && field === null && known !== undefined && !mayBeNull(name, known);
    const pruned = known === undefined ? field : pruneUnknown(known, field, dropsNulls);
    if (isDroppedNull || (known === undefined && !open)) isChanged = true;
    else {
      result[name] = pruned;
      isChanged ||= pruned !== field;
    }
  }
  return isChanged ? result : value;
}

function mayBeNull(name: string, schema: JsonSchema): boolean {
  return schema.format === 'date-time' && name !== 'creationTimestamp';
}

/** What the schema finds wrong with an object; types alone, or with `isStrict` everything that it says. */
export function schemaCauses(schema: JsonSchema, object: unknown, isStrict: boolean): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  check(schema, object, '', isStrict, causes);
  return causes;
}

function check(
  given: JsonSchema | undefined,
  value: unknown,
  path: string,
  isStrict: boolean,
  causes: StatusCause[],
): void {
  const schema = resolveSchema(given);
  if (schema === undefined || value === undefined || (value === null && (!isStrict || schema.nullable === true)))
    return;
  const expected = expectedType(schema);
  if (expected !== undefined && !hasType(expected, value)) {
    causes.push(
      invalidValue(path, shownType(value), `${path} in body must be of type ${expected}: "${shownType(value)}"`),
    );
    return;
  }
  if (isStrict) checkRules(schema, value, path, causes);
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      check(schema.items, item, `${path}[${index}]`, isStrict, causes);
    });
  } else if (isRecord(value)) {
    for (const [name, field] of Object.entries(value)) {
      check(fieldSchema(schema, name), field, path === '' ? name : `${path}.${name}`, isStrict, causes);
    }
  }
}

/** Quantities may be written as numbers. */
function expectedType(schema: JsonSchema): string | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return 'integer or string';
  return schema.format === 'quantity' ? 'number or string' : schema.type;
}

function hasType(expected: string, value: unknown): boolean {
  switch (expected) {
    case 'integer or string':
      return typeof value === 'string' || Number.isInteger(value);
    case 'number or string':
      return typeof value === 'string' || typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    default:
      return typeof value === expected;
  }
}

function shownType(value: unknown): string {
  if (value === null) return 'null';
  if (Number.isInteger(value)) return 'integer';
  return Array.isArray(value) ? 'array' : typeof value;
}

function invalidValue(field: string, shown: unknown, message: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(shown)}: ${message}`, field };
}

function checkRules(schema: JsonSchema, value: unknown, path: string, causes: StatusCause[]): void {
  for (const name of schema.required ?? []) {
    if (isRecord(value) && value[name] === undefined) {
      causes.push({
        reason: 'FieldValueRequired',
        message: 'Required value',
        field: path === '' ? name : `${path}.${name}`,
      });
    }
  }
  if (schema.enum?.includes(value) === false) {
    const supported = schema.enum.map((one) => JSON.stringify(one)).join(', ');
    causes.push({
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
      field: path,
    });
  }
  const broken = brokenBound(schema, value);
  if (broken !== undefined) causes.push(invalidValue(path, value, `${path} in body should ${broken}`));
}

function brokenBound(schema: JsonSchema, value: unknown): string | undefined {
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum) return `be greater than or equal to ${schema.minimum}`;
    if (schema.maximum !== undefined && value > schema.maximum) return `be less than or equal to ${schema.maximum}`;
  }
  if (typeof value === 'string') {
    if (schema.minLength !== undefined && value.length < schema.minLength)
      return `be at least ${schema.minLength} chars long`;
    if (schema.maxLength !== undefined && value.length > schema.maxLength)
      return `be at most ${schema.maxLength} chars long`;
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
      return `match '${schema.pattern}'`;
  }
  if (Array.isArray(value)) {
    if (schema.minItems !== undefined && value.length < schema.minItems)
      return `have at least ${schema.minItems} items`;
    if (schema.maxItems !== undefined && value.length > schema.maxItems) return `have at most ${schema.maxItems} items`;
  }
  return undefined;
}
