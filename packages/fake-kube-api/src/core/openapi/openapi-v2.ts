import type { ResourceDefinition } from '../resource-definition.ts';
import { documentSchemas } from './document-schemas.ts';
import { operationsOf, type Operation, type Parameter } from './operations.ts';
import { toV2, type DocumentSchema } from './schema-dialects.ts';

/** One parameter of an operation: of its path or query, or its body. */
export type SwaggerParameter =
  | { readonly in: 'body'; readonly name: string; readonly required: boolean; readonly schema: DocumentSchema }
  | (Parameter & { readonly required?: boolean });

/** What a method does on a path. */
export interface SwaggerOperation {
  readonly description: string;
  readonly operationId: string;
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly parameters: readonly SwaggerParameter[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema?: DocumentSchema }>>;
  readonly 'x-kubernetes-action': string;
  readonly 'x-kubernetes-group-version-kind': object;
}

/** An OpenAPI v2 document, with the members that ours have. */
export interface SwaggerDocument {
  readonly swagger: '2.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Operation['method'], SwaggerOperation>>>>>;
  readonly definitions: Readonly<Record<string, DocumentSchema>>;
}

/** The OpenAPI v2 document of all resources of a server. */
export function openApiV2(definitions: readonly ResourceDefinition[], serverVersion: string): SwaggerDocument {
  const paths = definitions.flatMap((definition) => [...operationsOf(definition)]);
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: serverVersion },
    paths: Object.fromEntries(paths.map(([path, operations]) => [path, pathItem(operations)])),
    definitions: documentSchemas(definitions, toV2),
  };
}

function pathItem(operations: readonly Operation[]): Readonly<Partial<Record<Operation['method'], SwaggerOperation>>> {
  return Object.fromEntries(operations.map((operation) => [operation.method, operationOf(operation)]));
}

function operationOf(operation: Operation): SwaggerOperation {
  const { body, answer } = operation;
  const parameters = operation.parameters.map((parameter) =>
    parameter.in === 'path' ? { ...parameter, required: true } : parameter,
  );
  const schema = body === 'patch' ? { type: 'object' } : body === undefined ? undefined : reference(body);
  return {
    description: operation.description,
    operationId: operation.id,
    consumes: operation.consumes,
    produces: [answer === undefined && operation.method === 'get' ? 'text/plain' : 'application/json'],
    parameters: [
      ...parameters,
      ...(schema === undefined
        ? []
        : [{ in: 'body' as const, name: 'body', required: operation.method !== 'delete', schema }]),
    ],
    responses: {
      200: { description: 'OK', ...(answer === undefined ? {} : { schema: reference(answer) }) },
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.kind,
  };
}

function reference(name: string): DocumentSchema {
  return { $ref: `#/definitions/${name}` };
}
