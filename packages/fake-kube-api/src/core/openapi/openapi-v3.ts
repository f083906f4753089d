import type { ResourceDefinition } from '../resource-definition.ts';
import { documentSchemas } from './document-schemas.ts';
import { operationsOf, type Operation, type Parameter } from './operations.ts';
import { toV3 } from './schema-dialects.ts';

/** Path of the document of a group and version below `/openapi/v3`, such as `apis/apps/v1`. */
export function openApiV3Path({ group, version }: Pick<ResourceDefinition, 'group' | 'version'>): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** The OpenAPI v3 document of the resources of one group and version. */
export function openApiV3(definitions: readonly ResourceDefinition[]): object {
  const paths = definitions.flatMap((definition) => [...operationsOf(definition)]);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: Object.fromEntries(paths.map(([path, operations]) => [path, pathItem(operations)])),
    components: {
      schemas: documentSchemas(definitions, toV3),
      securitySchemes: {
        BearerToken: { type: 'apiKey', name: 'authorization', in: 'header', description: 'A bearer token.' },
      },
    },
  };
}

function pathItem(operations: readonly Operation[]): object {
  const shared = operations[0]?.parameters.filter((parameter) => parameter.in === 'path') ?? [];
  return {
    ...Object.fromEntries(operations.map((operation) => [operation.method, operationOf(operation)])),
    ...(shared.length === 0 ? {} : { parameters: shared.map(parameterOf) }),
  };
}

function operationOf(operation: Operation): object {
  const queries = operation.parameters.filter((parameter) => parameter.in === 'query');
  return {
    description: operation.description,
    operationId: operation.id,
    parameters: queries.map(parameterOf),
    ...(operation.body === undefined ? {} : { requestBody: { content: bodyContent(operation, operation.body) } }),
    responses: {
      200: {
        description: 'OK',
        content: operation.answer === undefined ? {} : { 'application/json': { schema: reference(operation.answer) } },
      },
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.kind,
  };
}

function bodyContent({ consumes }: Operation, body: string): object {
  const schema = body === 'patch' ? { type: 'object', description: 'A patch of the named type.' } : reference(body);
  return Object.fromEntries(consumes.map((type) => [type, { schema }]));
}

function parameterOf({ name, in: place, type, description }: Parameter): object {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}

function reference(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}
