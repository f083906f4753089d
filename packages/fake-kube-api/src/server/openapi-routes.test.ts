import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../test/support/objects.ts';
import { builtinResources } from '../core/resources/builtin-resources.ts';
import { openApiResponse } from './openapi-routes.ts';

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

interface SwaggerOperation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly 'x-kubernetes-action': string;
  readonly 'x-kubernetes-group-version-kind': object;
}

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, SwaggerOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, SchemaPart>> };
  readonly definitions: Readonly<Record<string, SchemaPart>>;
}

interface SchemaPart {
  readonly properties?: Readonly<Record<string, object>>;
  readonly 'x-kubernetes-group-version-kind'?: readonly object[];
}

function ask(
  path: string,
  accept?: string,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string | Uint8Array } {
  const response = openApiResponse(path, accept, builtinResources);
  if (response === undefined) throw new Error(`no answer for ${path}`);
  return response;
}

function askJson(path: string): OpenApiDocument {
  return JSON.parse(String(ask(path).body)) as OpenApiDocument;
}

/** Every reference in a document, wherever it stands. */
function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) =>
    key === '$ref' && typeof field === 'string' ? [field] : referencesIn(field),
  );
}

describe('OpenAPI v3', () => {
  it('has an index with a document for each group and version', () => {
    const { paths } = JSON.parse(String(ask('/openapi/v3').body)) as {
      readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
    };
    const expected = builtinResources.map(({ group, version }) =>
      group === '' ? `api/${version}` : `apis/${group}/${version}`,
    );
    expect(Object.keys(paths)).toEqual([...new Set(expected)].sort());
    for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
      expect(serverRelativeURL).toMatch(new RegExp(`^/openapi/v3/${path}\\?hash=[0-9A-F]+$`));
      expect(openApiResponse(`/openapi/v3/${path}`, undefined, builtinResources)?.status).toBe(200);
    }
  });

  it('gives each document every schema that it refers to', () => {
    for (const { group, version } of builtinResources) {
      const document = askJson(`/openapi/v3/${group === '' ? `api/${version}` : `apis/${group}/${version}`}`);
      const missing = referencesIn(document).filter(
        (reference) => !Object.hasOwn(document.components.schemas, reference.replace('#/components/schemas/', '')),
      );
      expect(missing).toEqual([]);
    }
  });

  it('says what kubectl looks for before it patches', () => {
    const { paths, components } = askJson('/openapi/v3/apis/apps/v1');
    const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'];
    expect(patch?.['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', kind: 'Deployment', version: 'v1' });
    expect(patch?.['x-kubernetes-action']).toBe('patch');
    const names = patch?.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['dryRun', 'fieldManager', 'fieldValidation', 'force']));
    expect(components.schemas['io.k8s.api.apps.v1.Deployment']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: 'apps', kind: 'Deployment', version: 'v1' }],
      properties: { spec: { $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec' } },
    });
  });

  it('has an operation with a name of its own for every verb of every resource', () => {
    const ids = builtinResources.flatMap(({ group, version }) => {
      const { paths } = askJson(`/openapi/v3/${group === '' ? `api/${version}` : `apis/${group}/${version}`}`);
      return Object.entries(paths).flatMap(([path, item]) =>
        Object.entries(item).flatMap(([method, operation]) =>
          'operationId' in operation ? [`${path} ${method} ${String(operation['operationId'])}`] : [],
        ),
      );
    });
    const operations = new Map([...new Set(ids)].map((id) => [id.split(' ')[2] ?? '', id]));
    expect(operations.size).toBe(new Set(ids).size);
    expect(operations.has('listCoreV1PodForAllNamespaces')).toBe(true);
  });
});

describe('OpenAPI v2', () => {
  it('holds every resource, with the marks that strategic merges need', () => {
    const { definitions, paths } = askJson('/openapi/v2');
    const missing = referencesIn({ definitions, paths }).filter(
      (reference) => !Object.hasOwn(definitions, reference.replace('#/definitions/', '')),
    );
    expect(missing).toEqual([]);
    for (const { schemaName } of builtinResources) expect(definitions).toHaveProperty([schemaName]);
    expect(definitions['io.k8s.api.core.v1.PodSpec']?.properties?.['containers']).toMatchObject({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
  });

  it('is sent as protobuf to whoever asks for it, in a media type that Go parses', () => {
    const { headers, body } = ask('/openapi/v2', `${PROTOBUF},application/json`);
    expect(headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    expect(typeof body).not.toBe('string');

    // Read back with field numbers written here by hand, from google/gnostic's OpenAPIv2.proto.
    const { root } = protobuf.parse(
      `syntax = "proto3";
      message Document { string swagger = 1; Definitions definitions = 9; }
      message Definitions { repeated NamedSchema additional_properties = 1; }
      message NamedSchema { string name = 1; Schema value = 2; }
      message Schema {
        string ref = 1; string description = 4; repeated string required = 19; TypeItem type = 22;
        ItemsItem items = 23; Properties properties = 25; repeated NamedAny vendor_extension = 31;
      }
      message TypeItem { repeated string value = 1; }
      message ItemsItem { repeated Schema schema = 1; }
      message Properties { repeated NamedSchema additional_properties = 1; }
      message NamedAny { string name = 1; Any value = 2; }
      message Any { string yaml = 2; }`,
      { keepCase: true },
    );
    const type = root.lookupType('Document');
    const document = type.toObject(type.decode(body as Uint8Array)) as {
      readonly swagger: string;
      readonly definitions: { readonly additional_properties: readonly NamedSchema[] };
    };
    expect(document.swagger).toBe('2.0');
    const podSpec = document.definitions.additional_properties.find(
      ({ name }) => name === 'io.k8s.api.core.v1.PodSpec',
    );
    expect(podSpec?.value.required).toEqual(['containers']);
    const containers = podSpec?.value.properties?.additional_properties.find(({ name }) => name === 'containers');
    expect(containers?.value).toMatchObject({
      type: { value: ['array'] },
      items: { schema: [{ ref: '#/definitions/io.k8s.api.core.v1.Container' }] },
      vendor_extension: expect.arrayContaining([
        { name: 'x-kubernetes-patch-merge-key', value: { yaml: '"name"\n' } },
      ]) as unknown,
    });
  });
});

interface NamedSchema {
  readonly name: string;
  readonly value: {
    readonly required?: readonly string[];
    readonly properties?: { readonly additional_properties: readonly NamedSchema[] };
  };
}

describe('the OpenAPI documents', () => {
  it('are made once for a set of definitions, and anew for another', () => {
    const first = ask('/openapi/v2');
    expect(openApiResponse('/openapi/v2', undefined, [...builtinResources])?.body).toBe(first.body);
    const fewer = builtinResources.filter(({ resource }) => resource !== 'pods');
    const other = openApiResponse('/openapi/v2', undefined, fewer);
    expect(other?.body).not.toBe(first.body);
    expect(other?.headers['etag']).not.toBe(first.headers['etag']);
  });

  it('are not there for other paths', () => {
    for (const path of ['/openapi', '/openapi/v3/apis/none/v1', '/openapi/v4', '/api']) {
      expect(openApiResponse(path, undefined, [definitionOf('pods')])).toBeUndefined();
    }
  });
});
