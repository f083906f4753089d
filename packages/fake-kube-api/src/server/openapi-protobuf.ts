import protobuf from 'protobufjs/light.js';
import type { SwaggerDocument, SwaggerOperation, SwaggerParameter } from '../core/openapi/openapi-v2.ts';
import type { DocumentSchema } from '../core/openapi/schema-dialects.ts';

type Fields = Readonly<Record<string, readonly [id: number, type: string, rule?: 'repeated']>>;

/** Messages of `openapi.v2` that our documents need, with the field numbers of google/gnostic's OpenAPIv2.proto. */
const MESSAGES: Readonly<Record<string, Fields>> = {
  Document: {
    swagger: [1, 'string'],
    info: [2, 'Info'],
    paths: [8, 'Paths'],
    definitions: [9, 'Definitions'],
  },
  Info: { title: [1, 'string'], version: [2, 'string'] },
  Paths: { path: [2, 'NamedPathItem', 'repeated'] },
  NamedPathItem: { name: [1, 'string'], value: [2, 'PathItem'] },
  PathItem: {
    get: [2, 'Operation'],
    put: [3, 'Operation'],
    post: [4, 'Operation'],
    delete: [5, 'Operation'],
    patch: [8, 'Operation'],
  },
  Operation: {
    description: [3, 'string'],
    operation_id: [5, 'string'],
    produces: [6, 'string', 'repeated'],
    consumes: [7, 'string', 'repeated'],
    parameters: [8, 'ParametersItem', 'repeated'],
    responses: [9, 'Responses'],
    vendor_extension: [13, 'NamedAny', 'repeated'],
  },
  ParametersItem: { parameter: [1, 'Parameter'] },
  Parameter: { body_parameter: [1, 'BodyParameter'], non_body_parameter: [2, 'NonBodyParameter'] },
  BodyParameter: { name: [2, 'string'], in: [3, 'string'], required: [4, 'bool'], schema: [5, 'Schema'] },
  NonBodyParameter: {
    query_parameter_sub_schema: [3, 'SimpleParameter'],
    path_parameter_sub_schema: [4, 'PathParameter'],
  },
  SimpleParameter: {
    required: [1, 'bool'],
    in: [2, 'string'],
    description: [3, 'string'],
    name: [4, 'string'],
    type: [6, 'string'],
  },
  PathParameter: {
    required: [1, 'bool'],
    in: [2, 'string'],
    description: [3, 'string'],
    name: [4, 'string'],
    type: [5, 'string'],
  },
  Responses: { response_code: [1, 'NamedResponseValue', 'repeated'] },
  NamedResponseValue: { name: [1, 'string'], value: [2, 'ResponseValue'] },
  ResponseValue: { response: [1, 'Response'] },
  Response: { description: [1, 'string'], schema: [2, 'SchemaItem'] },
  SchemaItem: { schema: [1, 'Schema'] },
  Definitions: { additional_properties: [1, 'NamedSchema', 'repeated'] },
  Properties: { additional_properties: [1, 'NamedSchema', 'repeated'] },
  NamedSchema: { name: [1, 'string'], value: [2, 'Schema'] },
  Schema: {
    _ref: [1, 'string'],
    format: [2, 'string'],
    description: [4, 'string'],
    maximum: [7, 'double'],
    minimum: [9, 'double'],
    max_length: [11, 'int64'],
    min_length: [12, 'int64'],
    pattern: [13, 'string'],
    max_items: [14, 'int64'],
    min_items: [15, 'int64'],
    required: [19, 'string', 'repeated'],
    enum: [20, 'Any', 'repeated'],
    additional_properties: [21, 'AdditionalPropertiesItem'],
    type: [22, 'TypeItem'],
    items: [23, 'ItemsItem'],
    properties: [25, 'Properties'],
    vendor_extension: [31, 'NamedAny', 'repeated'],
  },
  AdditionalPropertiesItem: { schema: [1, 'Schema'], boolean: [2, 'bool'] },
  ItemsItem: { schema: [1, 'Schema', 'repeated'] },
  TypeItem: { value: [1, 'string', 'repeated'] },
  NamedAny: { name: [1, 'string'], value: [2, 'Any'] },
  Any: { yaml: [2, 'string'] },
};

function descriptorOf(fields: Fields): protobuf.IType {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [id, type, rule]]) => [
        name,
        rule === undefined ? { id, type } : { id, type, rule },
      ]),
    ),
  };
}

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(Object.entries(MESSAGES).map(([name, fields]) => [name, descriptorOf(fields)])),
});
const Document = root.lookupType('Document');

/** A document as `openapi.v2.Document`, which is how kubectl asks for it. */
export function encodeOpenApiV2(document: SwaggerDocument): Uint8Array {
  const message = {
    swagger: document.swagger,
    info: document.info,
    paths: { path: named(document.paths, (item) => mapValues(item, operationMessage)) },
    definitions: { additional_properties: named(document.definitions, schemaMessage) },
  };
  return Document.encode(message).finish();
}

function named<T>(values: Readonly<Record<string, T>>, convert: (value: T) => object): readonly object[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: convert(value) }));
}

function mapValues<T>(values: Readonly<Record<string, T>>, convert: (value: T) => object): object {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, convert(value)]));
}

function operationMessage(operation: SwaggerOperation): object {
  return {
    description: operation.description,
    operation_id: operation.operationId,
    produces: operation.produces,
    consumes: operation.consumes,
    parameters: operation.parameters.map((parameter) => ({ parameter: parameterMessage(parameter) })),
    responses: {
      response_code: named(operation.responses, ({ description, schema }) => ({
        response: { description, ...(schema === undefined ? {} : { schema: { schema: schemaMessage(schema) } }) },
      })),
    },
    vendor_extension: extensionsOf(operation),
  };
}

function parameterMessage(parameter: SwaggerParameter): object {
  if (parameter.in === 'body') {
    return { body_parameter: { ...parameter, schema: schemaMessage(parameter.schema) } };
  }
  const member = parameter.in === 'query' ? 'query_parameter_sub_schema' : 'path_parameter_sub_schema';
  return { non_body_parameter: { [member]: parameter } };
}

/** Extensions are YAML in these messages, and JSON is YAML. */
function extensionsOf(value: object): readonly object[] {
  const extensions = Object.entries(value).filter(([name]) => name.startsWith('x-'));
  return extensions.map(([name, extension]) => ({ name, value: anyMessage(extension) }));
}

function anyMessage(value: unknown): object {
  return { yaml: `${JSON.stringify(value)}\n` };
}

function schemaMessage(schema: DocumentSchema): object {
  const { $ref, type, items, properties, additionalProperties, enum: values, ...rest } = schema;
  const { maxLength, minLength, maxItems, minItems, ...plain } = rest;
  return {
    ...pick(plain, ['format', 'description', 'maximum', 'minimum', 'pattern', 'required']),
    ...present({ max_length: maxLength, min_length: minLength, max_items: maxItems, min_items: minItems, _ref: $ref }),
    ...(typeof type === 'string' ? { type: { value: [type] } } : {}),
    ...(Array.isArray(values) ? { enum: values.map(anyMessage) } : {}),
    ...(isSchema(items) ? { items: { schema: [schemaMessage(items)] } } : {}),
    ...(isSchema(properties)
      ? {
          properties: {
            additional_properties: named(properties as Readonly<Record<string, DocumentSchema>>, schemaMessage),
          },
        }
      : {}),
    ...(additionalProperties === undefined
      ? {}
      : {
          additional_properties: isSchema(additionalProperties)
            ? { schema: schemaMessage(additionalProperties) }
            : { boolean: additionalProperties },
        }),
    vendor_extension: extensionsOf(schema),
  };
}

function isSchema(value: unknown): value is DocumentSchema {
  return typeof value === 'object' && value !== null;
}

function pick(values: DocumentSchema, names: readonly string[]): object {
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}

function present(values: DocumentSchema): object {
  return pick(values, Object.keys(values));
}
