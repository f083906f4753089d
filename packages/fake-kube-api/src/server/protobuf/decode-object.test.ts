import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { sharedSchemas } from '../../core/resources/schema-registry.ts';
import { decodeKubeObject } from './decode-object.ts';
import { messageFields, type MessageFields } from './field-numbers.ts';

type Value = number | string | Uint8Array;

/** A message of `[number, value]` pairs: numbers as varints, everything else with its length. */
function message(...fields: readonly (readonly [number: number, value: Value])[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [number, value] of fields) {
    if (typeof value === 'number') writer.uint32(number * 8).int64(value);
    else if (typeof value === 'string') writer.uint32(number * 8 + 2).string(value);
    else writer.uint32(number * 8 + 2).bytes(value);
  }
  return writer.finish();
}

function envelope(apiVersion: string, kind: string, object: Uint8Array): Uint8Array {
  const type = message([1, apiVersion], [2, kind]);
  return Buffer.concat([Buffer.from('k8s\0'), message([1, type], [2, object], [3, ''], [4, ''])]);
}

test('a deployment is read as its JSON would be', () => {
  const metadata = message([1, 'web'], [2, ''], [8, message()], [11, message([1, 'app'], [2, 'web'])]);
  const container = message(
    [1, 'main'],
    [2, 'nginx:1.29.0'],
    [6, message([1, 'http'], [2, 0], [3, 8080])],
    [8, message([2, message([1, 'cpu'], [2, message([1, '50m'])])])],
  );
  const volume = message([1, 'settings'], [2, message([19, message([1, message([1, 'web-settings'])])])]);
  const podSpec = message([1, volume], [2, container], [3, ''], [10, ''], [11, 0]);
  const template = message([1, message([11, message([1, 'app'], [2, 'web'])])], [2, podSpec]);
  const rolling = message([1, message([1, 1], [2, 0], [3, '25%'])], [2, message([1, 0], [2, 0], [3, ''])]);
  const spec = message(
    [1, 0],
    [2, message([1, message([1, 'app'], [2, 'web'])])],
    [3, template],
    [4, message([1, 'RollingUpdate'], [2, rolling])],
    [5, 0],
    [7, 0],
  );
  expect(
    decodeKubeObject(envelope('apps/v1', 'Deployment', message([1, metadata], [2, spec], [3, message()]))),
  ).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: {
      // Zero is an answer here, unlike that of minReadySeconds.
      replicas: 0,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          volumes: [{ name: 'settings', configMap: { name: 'web-settings' } }],
          containers: [
            {
              name: 'main',
              image: 'nginx:1.29.0',
              ports: [{ name: 'http', containerPort: 8080 }],
              resources: { requests: { cpu: '50m' } },
            },
          ],
        },
      },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: 0 } },
    },
    status: {},
  });
});

test('times, bytes and managed fields are read', () => {
  const managed = message(
    [1, 'kubectl'],
    [2, 'Update'],
    [3, 'v1'],
    [4, message([1, 1_772_442_000])],
    [6, 'FieldsV1'],
    [7, message([1, '{"f:data":{}}'])],
  );
  const metadata = message([1, 'made'], [8, message([1, 1_772_442_000], [2, 0])], [17, managed]);
  const data = message([1, 'password'], [2, Buffer.from('hidden')]);
  expect(decodeKubeObject(envelope('v1', 'Secret', message([1, metadata], [2, data], [3, 'Opaque'])))).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'made',
      creationTimestamp: '2026-03-02T09:00:00Z',
      managedFields: [
        {
          manager: 'kubectl',
          operation: 'Update',
          apiVersion: 'v1',
          time: '2026-03-02T09:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': {} },
        },
      ],
    },
    data: { password: 'aGlkZGVu' },
    type: 'Opaque',
  });
});

test('a review that says nothing is read as one', () => {
  const review = message([1, message([1, ''])], [2, message()]);
  expect(decodeKubeObject(envelope('authentication.k8s.io/v1', 'SelfSubjectReview', review))).toMatchObject({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  });
});

test('every message names fields that its schema has', () => {
  const namesOf = (fields: MessageFields): string[] =>
    [...fields.values()].flatMap((field) => (typeof field === 'string' ? [field] : namesOf(field)));
  const known = Object.entries(sharedSchemas).flatMap(([name, schema]) => {
    const fields = messageFields(name);
    return fields === undefined
      ? []
      : [{ name, fields: namesOf(fields), properties: Object.keys(schema.properties ?? {}) }];
  });
  expect(known.length).toBeGreaterThan(250);
  for (const { name, fields, properties } of known) {
    expect(properties, name).toEqual(expect.arrayContaining(fields));
    expect(new Set(fields).size, name).toBe(fields.length);
  }
});

test('what is no such object is an error, never a hang', () => {
  expect(() => decodeKubeObject(Buffer.from('{}'))).toThrow('begin with "k8s"');
  expect(() => decodeKubeObject(envelope('example.com/v1', 'Gadget', message()))).toThrow('example.com/v1 Gadget');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeKubeObject(envelope('v1', 'Pod', bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
