import { describe, expect, it } from 'vitest';
import { objectOf } from '../../test/support/objects.ts';
import type { KubeObject } from '../protocol/kube-object.ts';
import { definitionsOfCrd } from './crd.ts';
import { parseJsonPath, readJsonPath } from './json-path.ts';
import { renderTable } from './table.ts';

const version = {
  name: 'v1',
  served: true,
  storage: true,
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          required: ['cronSpec'],
          properties: {
            cronSpec: { type: 'string', pattern: '^\\S+( \\S+){4}$' },
            replicas: { type: 'integer', default: 1, minimum: 0 },
            policy: { type: 'string', enum: ['Allow', 'Forbid'], default: 'Allow' },
            extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
        status: {
          type: 'object',
          properties: {
            conditions: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
      },
    },
  },
  additionalPrinterColumns: [
    { name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec' },
    { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
};

const crd = objectOf('customresourcedefinitions', {
  metadata: { name: 'crontabs.stable.example.com' },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: { plural: 'crontabs', kind: 'CronTab', shortNames: ['ct'] },
    versions: [version, { ...version, name: 'v1alpha1', served: false, storage: false }],
  },
});

function instance(fields: object): KubeObject {
  return { ...objectOf('configmaps'), apiVersion: 'stable.example.com/v1', kind: 'CronTab', ...fields };
}

describe('a CustomResourceDefinition', () => {
  const [definition, ...others] = definitionsOfCrd(crd);
  if (definition === undefined) throw new Error('one version is served');

  it('brings a resource for each version that it serves', () => {
    expect(others).toEqual([]);
    expect(definition).toMatchObject({
      group: 'stable.example.com',
      version: 'v1',
      resource: 'crontabs',
      singular: 'crontab',
      listKind: 'CronTabList',
      schemaName: 'com.example.stable.v1.CronTab',
      scalePaths: { spec: 'spec.replicas', status: 'status.replicas' },
      strategicMerge: false,
    });
    expect(definition.subresources.map(({ name }) => name)).toEqual(['scale', 'status']);
  });

  it('prunes, fills in and checks objects by its schema', () => {
    const created = definition.prepare?.(
      instance({ spec: { cronSpec: '* * * * *', typo: 1, extra: { a: 1 } }, status: { conditions: [] } }),
      undefined,
    );
    expect(created).toEqual(
      instance({ spec: { cronSpec: '* * * * *', replicas: 1, policy: 'Allow', extra: { a: 1 } } }),
    );
    if (created === undefined) return;
    expect(definition.validate?.(created, undefined)).toEqual([]);
    const causes = definition.validate?.(instance({ spec: { replicas: -1, policy: 'Never' } }), undefined);
    expect(causes).toEqual([
      { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.cronSpec' },
      expect.objectContaining({ field: 'spec.replicas', reason: 'FieldValueInvalid' }),
      {
        reason: 'FieldValueNotSupported',
        message: 'Unsupported value: "Never": supported values: "Allow", "Forbid"',
        field: 'spec.policy',
      },
    ]);
  });

  it('prints its own columns', () => {
    const object = instance({
      spec: { cronSpec: '* * * * *', replicas: 3 },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    const table = renderTable(definition, [object], { nowMs: Date.UTC(2026, 0, 2) });
    expect(table.rows[0]?.cells).toEqual(['web', '* * * * *', 3, 'True', '24h']);
    expect(table.columnDefinitions?.map(({ name }) => name)).toEqual(['Name', 'Spec', 'Replicas', 'Ready', 'Age']);
  });
});

describe('JSONPath of printer columns', () => {
  it('follows fields, indices, quoted names and filters', () => {
    const read = (path: string, value: unknown): unknown => {
      const steps = parseJsonPath(path);
      return steps && readJsonPath(steps, value);
    };
    const value = {
      a: {
        'b.c': [
          { n: 'x', v: 1 },
          { n: 'y', v: 2 },
        ],
      },
    };
    expect(read('.a.b\\.c[1].v', value)).toEqual([2]);
    expect(read("{.a['b.c'][*].n}", value)).toEqual(['x', 'y']);
    expect(read('.a.b\\.c[?(@.n=="y")].v', value)).toEqual([2]);
    expect(read('.a.none.deeper', value)).toEqual([]);
    expect(parseJsonPath('.a[0:2]')).toBeUndefined();
  });
});
