import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionOf, objectOf } from '../../../test/support/objects.ts';
import type { KubeObject } from '../../protocol/kube-object.ts';
import { StatusError } from '../../protocol/status.ts';
import { trackManagedFields } from './managed-fields.ts';
import { patchObject } from './patch-object.ts';

const NOW = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:01:00Z';
const definition = definitionOf('deployments');

interface Applied {
  readonly manager?: string;
  readonly force?: boolean;
  readonly subresource?: string;
  readonly nowIso?: string;
}

function apply(object: KubeObject | undefined, fields: object, options: Applied = {}): KubeObject {
  const { manager = 'one', nowIso = NOW, ...rest } = options;
  const patch = { apiVersion: 'apps/v1', kind: 'Deployment', ...fields };
  return patchObject({ definition, object, type: 'apply', patch, fieldManager: manager, nowIso, ...rest });
}

function update(before: KubeObject, after: KubeObject, manager: string): KubeObject {
  return trackManagedFields({ definition, before, after, manager, operation: 'Update', nowIso: LATER });
}

function fieldsOf(object: KubeObject, manager: string): unknown {
  return object.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;
}

function statusOf(run: () => unknown): StatusError['status'] {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const container = (name: string, image: string): object => ({ name, image });
const metadata = { name: 'web', namespace: 'default' };
const withContainers = (...containers: readonly object[]): object => ({
  metadata,
  spec: { template: { spec: { containers } } },
});
const containersOf = (object: KubeObject): unknown =>
  (object['spec'] as { template: { spec: { containers: unknown } } }).template.spec.containers;

describe('apply', () => {
  it('creates an object and notes what the manager owns', () => {
    const created = apply(undefined, {
      metadata: { ...metadata, labels: { app: 'web' } },
      spec: {
        replicas: 2,
        template: { spec: { containers: [{ ...container('main', 'app:1'), ports: [{ containerPort: 80 }] }] } },
      },
      status: { replicas: 9 },
    });
    expect(created['status']).toBeUndefined();
    expect(created.metadata.managedFields).toEqual([
      {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: NOW,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:app': {} } },
          'f:spec': {
            'f:replicas': {},
            'f:template': {
              'f:spec': {
                'f:containers': {
                  'k:{"name":"main"}': {
                    '.': {},
                    'f:image': {},
                    'f:name': {},
                    'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                  },
                },
              },
            },
          },
        },
      },
    ]);
  });

  it('gives the very same object when it is repeated', () => {
    const created = apply(undefined, withContainers(container('main', 'app:1')));
    expect(apply(created, withContainers(container('main', 'app:1')), { nowIso: LATER })).toBe(created);
  });

  it('removes what the manager no longer applies, but not what others own', () => {
    const first = apply(undefined, withContainers(container('main', 'app:1'), container('side', 'side:1')));
    const both = apply(first, withContainers(container('other', 'o:1')), { manager: 'two' });
    expect(containersOf(both)).toEqual([
      container('main', 'app:1'),
      container('side', 'side:1'),
      container('other', 'o:1'),
    ]);
    const less = apply(both, withContainers(container('main', 'app:1')), { nowIso: LATER });
    expect(containersOf(less)).toEqual([container('main', 'app:1'), container('other', 'o:1')]);
  });

  it('takes away an item with what nobody owns of it', () => {
    const created = apply(undefined, withContainers(container('main', 'app:1'), container('side', 'side:1')));
    const defaulted = {
      ...created,
      ...withContainers(container('main', 'app:1'), { ...container('side', 'side:1'), imagePullPolicy: 'Always' }),
      metadata: created.metadata,
    } as KubeObject;
    expect(containersOf(apply(defaulted, withContainers(container('main', 'app:1'))))).toEqual([
      container('main', 'app:1'),
    ]);
  });

  it('refuses to change what an update has set, until it is forced', () => {
    const created = apply(undefined, { metadata, spec: { replicas: 1 } });
    const scaled = update(created, { ...created, spec: { replicas: 5 } }, 'kubectl');
    const status = statusOf(() => apply(scaled, { metadata, spec: { replicas: 3 } }));
    expect(status).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "kubectl" using apps/v1',
            field: '.spec.replicas',
          },
        ],
      },
    });
    const forced = apply(scaled, { metadata, spec: { replicas: 3 } }, { force: true });
    expect(forced['spec']).toEqual({ replicas: 3 });
    expect(fieldsOf(forced, 'kubectl')).toBeUndefined();
  });

  it('lists several conflicts by manager', () => {
    const created = apply(undefined, { metadata, spec: { replicas: 1, paused: true } });
    const other = { metadata, spec: { replicas: 2, paused: false } };
    expect(statusOf(() => apply(created, other, { manager: 'two' })).message).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.paused\n- .spec.replicas',
    );
  });

  it('shares a field that two managers set to the same value', () => {
    const created = apply(undefined, { metadata, spec: { replicas: 2 } });
    const shared = apply(created, { metadata, spec: { replicas: 2 } }, { manager: 'two' });
    expect(fieldsOf(shared, 'one')).toEqual(fieldsOf(shared, 'two'));
    const left = apply(shared, { metadata }, { manager: 'one' });
    expect(left['spec']).toEqual({ replicas: 2 });
    expect(apply(left, { metadata }, { manager: 'two' })['spec'] ?? {}).toEqual({});
  });

  it('writes the status through its subresource alone', () => {
    const created = apply(undefined, { metadata, spec: { replicas: 1 } });
    const reported = apply(
      created,
      { metadata, spec: { replicas: 9 }, status: { replicas: 1 } },
      { subresource: 'status', manager: 'controller' },
    );
    expect(reported['spec']).toEqual({ replicas: 1 });
    expect(reported['status']).toEqual({ replicas: 1 });
    expect(reported.metadata.managedFields?.map(({ manager, subresource }) => [manager, subresource])).toEqual([
      ['controller', 'status'],
      ['one', undefined],
    ]);
  });

  it('is answered with 400 without a manager, for another kind and with managedFields', () => {
    const object = objectOf('deployments');
    const request = { definition, object, type: 'apply' as const, nowIso: NOW };
    const patch = { apiVersion: 'apps/v1', kind: 'Deployment', metadata };
    expect(statusOf(() => patchObject({ ...request, patch })).message).toContain('fieldManager: Required value');
    const bodies = [{ ...patch, kind: 'Pod' }, { ...patch, metadata: { ...metadata, managedFields: [] } }, []];
    for (const body of bodies) {
      expect(statusOf(() => patchObject({ ...request, fieldManager: 'one', patch: body })).code).toBe(400);
    }
  });
});

const configuration = fc.record(
  {
    replicas: fc.integer({ min: 0, max: 9 }),
    labels: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2')),
    containers: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('x', 'y', 'z'), image: fc.constantFrom('i:1', 'i:2') }),
      { selector: ({ name }) => name, minLength: 1 },
    ),
  },
  { requiredKeys: ['containers'] },
);

type Configuration = typeof configuration extends fc.Arbitrary<infer T> ? T : never;

function bodyOf({ replicas, labels, containers }: Configuration): object {
  return {
    metadata: { ...metadata, ...(labels === undefined ? {} : { labels }) },
    spec: { ...(replicas === undefined ? {} : { replicas }), template: { spec: { containers } } },
  };
}

/** An object without what only tells who owns it. */
function content({ metadata: { managedFields: _, ...rest }, ...object }: KubeObject): unknown {
  const { labels, ...others } = rest;
  return { ...object, metadata: { ...others, ...(Object.keys(labels ?? {}).length === 0 ? {} : { labels }) } };
}

describe('apply, for any configurations', () => {
  it('is idempotent', () => {
    fc.assert(
      fc.property(configuration, configuration, (first, second) => {
        const applied = apply(apply(undefined, bodyOf(first)), bodyOf(second));
        expect(apply(applied, bodyOf(second), { nowIso: LATER })).toBe(applied);
      }),
    );
  });

  it('makes of a single manager exactly the last configuration, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(configuration, { maxLength: 4 }), configuration, (former, last) => {
        const start = former.reduce<KubeObject | undefined>((object, one) => apply(object, bodyOf(one)), undefined);
        expect(content(apply(start, bodyOf(last)))).toEqual(content(apply(undefined, bodyOf(last))));
      }),
    );
  });

  it('leaves nothing of a manager that applies no more, where another came in between by force', () => {
    fc.assert(
      fc.property(configuration, configuration, (first, second) => {
        const both = apply(apply(undefined, bodyOf(first)), bodyOf(second), { manager: 'two', force: true });
        const left = apply(both, { metadata }, { manager: 'one' });
        expect(content(left)).toEqual(content(apply(undefined, bodyOf(second), { manager: 'two' })));
        expect(fieldsOf(left, 'one')).toBeUndefined();
      }),
    );
  });
});
