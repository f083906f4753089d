import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionOf, objectOf } from '../../../test/support/objects.ts';
import type { KubeObject } from '../../protocol/kube-object.ts';
import { StatusError } from '../../protocol/status.ts';
import type { PatchType } from '../types.ts';
import { applyJsonPatch } from './json-patch.ts';
import { isRecord, jsonEqual } from './json-value.ts';
import { applyMergePatch } from './merge-patch.ts';
import { patchObject } from './patch-object.ts';

const NOW = '2026-01-01T00:00:00Z';

function patch(type: PatchType, object: KubeObject, body: unknown, resource = 'deployments'): KubeObject {
  return patchObject({ definition: definitionOf(resource), object, type, patch: body, nowIso: NOW });
}

/** The code and message of the Status that it throws. */
function failureOf(run: () => unknown): { readonly code: number | undefined; readonly message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return { code: error.status.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}

describe('a JSON patch', () => {
  it('does what RFC 6902 says in its examples', () => {
    const cases: readonly (readonly [document: unknown, operations: readonly object[], result: unknown])[] = [
      [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
      [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
      [{ baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
      [{ foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
      [{ baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
      [
        { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
        [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
        { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
      ],
      [
        { foo: ['all', 'grass', 'cows', 'eat'] },
        [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
        { foo: ['all', 'cows', 'eat', 'grass'] },
      ],
      [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }], { foo: ['bar', ['abc', 'def']] }],
      [
        { '/': 9, '~1': 10 },
        [
          { op: 'test', path: '/~01', value: 10 },
          { op: 'copy', from: '/~1', path: '/a~1b' },
        ],
        { '/': 9, '~1': 10, 'a/b': 9 },
      ],
      [{ a: 1 }, [{ op: 'replace', path: '', value: [1] }], [1]],
    ];
    for (const [document, operations, result] of cases) {
      expect(applyJsonPatch(freeze(document), operations)).toEqual(result);
    }
  });

  it('is answered with 422 when a test fails or a path leads nowhere', () => {
    const object = objectOf('deployments', { spec: { replicas: 1 } });
    for (const operation of [
      { op: 'test', path: '/spec/replicas', value: 2 },
      { op: 'remove', path: '/spec/none' },
      { op: 'replace', path: '/spec/none', value: 1 },
      { op: 'add', path: '/none/deeper', value: 1 },
      { op: 'remove', path: '/metadata' },
    ]) {
      expect(failureOf(() => patch('json', object, [operation])).code).toBe(422);
    }
  });

  it('cannot grow an object without bound by copies of copies', () => {
    const doubling = Array.from({ length: 60 }, (_, index) => ({
      op: 'copy',
      from: '/data',
      path: `/data/more${index}`,
    }));
    const object = objectOf('configmaps', { data: { text: 'x'.repeat(100) } });
    expect(failureOf(() => patch('json', object, doubling, 'configmaps')).code).toBe(422);
  });

  it('is answered with 400 when it is none', () => {
    for (const body of [
      {},
      [1],
      [{ op: 'add', path: 'a', value: 1 }],
      [{ op: 'add', path: '/a' }],
      [{ op: 'shake', path: '/a' }],
    ]) {
      expect(failureOf(() => patch('json', objectOf('deployments'), body)).code).toBe(400);
    }
  });
});

/** The merge patch that makes `after` of `before`. */
function mergePatchBetween(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) return after;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !jsonEqual(before[name], after[name]));
  return Object.fromEntries(
    changed.map((name) => [name, name in after ? mergePatchBetween(before[name], after[name]) : null]),
  );
}

describe('a merge patch', () => {
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()), tie('object')),
    object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value')),
  })).object;

  it('turns any object into any other that holds no null', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        expect(applyMergePatch(freeze(before), mergePatchBetween(before, after))).toEqual(after);
      }),
    );
  });

  it('never leaves a null behind and changes nothing when applied again', () => {
    const withNulls = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.option(json));
    fc.assert(
      fc.property(json, withNulls, (before, body) => {
        const once = applyMergePatch(before, body);
        expect(JSON.stringify(once)).not.toContain('null');
        expect(applyMergePatch(once, body)).toEqual(once);
      }),
    );
  });

  it('is answered with 400 when it is no object', () => {
    expect(failureOf(() => patch('merge', objectOf('deployments'), [])).code).toBe(400);
  });
});

const podSpec = {
  containers: [
    { name: 'main', image: 'app:1', ports: [{ containerPort: 80, protocol: 'TCP' }] },
    { name: 'side', image: 'side:1' },
  ],
  volumes: [{ name: 'tmp', emptyDir: {} }],
};
const deployment = freeze(
  objectOf('deployments', {
    metadata: { finalizers: ['a', 'b'] },
    spec: {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
      template: { metadata: { labels: { app: 'web' } }, spec: podSpec },
    },
  }),
);

function patchedSpec(body: object): unknown {
  const patched = patch('strategic', deployment, { spec: { template: { spec: body } } });
  return (patched['spec'] as { template: { spec: unknown } }).template.spec;
}

describe('a strategic merge patch', () => {
  it('merges containers by their names and the rest of the lists by theirs', () => {
    expect(patchedSpec({ containers: [{ name: 'main', image: 'app:2', env: [{ name: 'A', value: '1' }] }] })).toEqual({
      ...podSpec,
      containers: [
        { ...podSpec.containers[0], image: 'app:2', env: [{ name: 'A', value: '1' }] },
        podSpec.containers[1],
      ],
    });
    expect(patchedSpec({ containers: [{ name: 'new', image: 'n:1' }] })).toMatchObject({
      containers: [{ name: 'main' }, { name: 'side' }, { name: 'new' }],
    });
  });

  it('replaces lists without a merge key', () => {
    expect(patchedSpec({ tolerations: [{ key: 'a' }] })).toMatchObject({ tolerations: [{ key: 'a' }] });
    expect(patchedSpec({ containers: [{ name: 'main', args: ['x'] }] })).toMatchObject({
      containers: [{ args: ['x'] }, {}],
    });
  });

  it('follows $patch', () => {
    expect(patchedSpec({ containers: [{ name: 'side', $patch: 'delete' }] })).toEqual({
      ...podSpec,
      containers: [podSpec.containers[0]],
    });
    expect(patchedSpec({ containers: [{ $patch: 'replace' }, { name: 'only', image: 'o:1' }] })).toEqual({
      ...podSpec,
      containers: [{ name: 'only', image: 'o:1' }],
    });
    expect(patchedSpec({ $patch: 'replace', containers: [] })).toEqual({ containers: [] });
    expect(failureOf(() => patchedSpec({ $patch: 'shake' })).code).toBe(400);
  });

  it('follows $retainKeys', () => {
    const patched = patch('strategic', deployment, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } });
    expect(patched['spec']).toMatchObject({ strategy: { type: 'Recreate' } });
    expect((patched['spec'] as { strategy: object }).strategy).not.toHaveProperty('rollingUpdate');
  });

  it('follows $setElementOrder, with and without changes to the list', () => {
    const order = [{ name: 'side' }, { name: 'main' }];
    expect(patchedSpec({ '$setElementOrder/containers': order })).toMatchObject({
      containers: [{ name: 'side' }, { name: 'main' }],
    });
    expect(
      patchedSpec({
        '$setElementOrder/containers': [{ name: 'new' }, { name: 'main' }],
        containers: [{ name: 'new', image: 'n:1' }],
      }),
    ).toMatchObject({ containers: [{ name: 'new' }, { name: 'main' }, { name: 'side' }] });
  });

  it('merges and deletes from lists of plain values', () => {
    const metadata = (body: object): unknown => patch('strategic', deployment, { metadata: body }).metadata.finalizers;
    expect(metadata({ finalizers: ['b', 'c'] })).toEqual(['a', 'b', 'c']);
    expect(metadata({ '$deleteFromPrimitiveList/finalizers': ['a'] })).toEqual(['b']);
  });

  it('removes what is null and merges maps', () => {
    const patched = patch('strategic', deployment, { metadata: { labels: { a: '1' } }, spec: { strategy: null } });
    expect(patched.metadata.labels).toEqual({ a: '1' });
    expect(patched['spec']).not.toHaveProperty('strategy');
  });

  it('is answered with 415 for custom resources', () => {
    const definition = { ...definitionOf('deployments'), strategicMerge: false };
    const run = (): unknown =>
      patchObject({ definition, object: deployment, type: 'strategic', patch: {}, nowIso: NOW });
    expect(failureOf(run).code).toBe(415);
  });
});
