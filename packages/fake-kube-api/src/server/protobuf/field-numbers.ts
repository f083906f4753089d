import { coreFields } from './core-fields.ts';
import { groupFields } from './group-fields.ts';

/**
 * Numbers of the fields in Kubernetes' protobuf messages (k8s.io/api, `generated.proto`), by package and message: the
 * names in the order of their numbers, which go up by one unless `number:` says otherwise. What stands in brackets is
 * a message whose fields JSON shows among those around it. The types follow from the schemas.
 */
export type FieldTable = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Names of a message's fields by their numbers; an inner map for a message that JSON does not show. */
export type MessageFields = ReadonlyMap<number, string | MessageFields>;

const known = new Map<string, MessageFields>();

function parse(tokens: string[]): MessageFields {
  const fields = new Map<number, string | MessageFields>();
  let number = 0;
  for (let token = tokens.shift(); token !== undefined && token !== ')'; token = tokens.shift()) {
    if (/^\d+:$/.test(token)) {
      number = Number.parseInt(token, 10);
      token = tokens.shift() ?? '';
    } else {
      number++;
    }
    fields.set(number, token === '(' ? parse(tokens) : token);
  }
  return fields;
}

/** The fields of the message that the schema of this name describes; undefined where there is none. */
export function messageFields(schemaName: string): MessageFields | undefined {
  const before = known.get(schemaName);
  if (before !== undefined) return before;
  const dot = schemaName.lastIndexOf('.');
  const [packageName, message] = [schemaName.slice(0, dot), schemaName.slice(dot + 1)];
  const notation = coreFields[packageName]?.[message] ?? groupFields[packageName]?.[message];
  if (notation === undefined) return undefined;
  const fields = parse(notation.match(/\d+:|[()]|\w+/g) ?? []);
  known.set(schemaName, fields);
  return fields;
}
