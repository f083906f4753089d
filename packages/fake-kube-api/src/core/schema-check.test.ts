import { describe, expect, it } from 'vitest';
import { definitionOf, objectOf, recordedPods } from '../../test/support/objects.ts';
import { pruneUnknown, schemaCauses, unknownFields } from './schema-check.ts';

const deployments = definitionOf('deployments');
const spec = { template: { spec: { containers: [{ name: 'main', imagee: 'app:1' }] } }, replicaz: 3 };

describe('unknown fields', () => {
  it('are found by their paths', () => {
    expect(unknownFields(deployments, objectOf('deployments', { spec }))).toEqual([
      'spec.template.spec.containers[0].imagee',
      'spec.replicaz',
    ]);
  });

  it('are not the keys of free maps, the directives of patches or anything below an open field', () => {
    const patch = {
      metadata: { labels: { any: 'x' } },
      spec: {
        template: { spec: { '$setElementOrder/containers': [], containers: [{ name: 'a', $patch: 'delete' }] } },
      },
    };
    expect(unknownFields(deployments, patch)).toEqual([]);
    expect(unknownFields(definitionOf('controllerrevisions'), { data: { any: { thing: 1 } } })).toEqual([]);
  });

  it('do not occur in recorded objects', () => {
    const pods = recordedPods();
    expect(pods.flatMap((pod) => unknownFields(definitionOf('pods'), pod))).toEqual([]);
    for (const pod of pods) expect(schemaCauses(definitionOf('pods').schema, pod, false)).toEqual([]);
  });

  it('are pruned, and an object without any stays the very same', () => {
    const pruned = pruneUnknown(deployments.schema, objectOf('deployments', { spec }));
    expect(pruned).toEqual(
      objectOf('deployments', { spec: { template: { spec: { containers: [{ name: 'main' }] } } } }),
    );
    expect(pruneUnknown(deployments.schema, pruned)).toBe(pruned);
  });
});

describe('types', () => {
  it('are checked where a schema names them, at any depth', () => {
    const causes = schemaCauses(
      deployments.schema,
      {
        spec: { replicas: 1.5, template: { spec: { containers: {} } }, strategy: { rollingUpdate: { maxSurge: [] } } },
      },
      false,
    );
    expect(causes.map(({ field }) => field)).toEqual([
      'spec.replicas',
      'spec.template.spec.containers',
      'spec.strategy.rollingUpdate.maxSurge',
    ]);
  });

  it('let quantities be numbers', () => {
    const container = { resources: { limits: { cpu: 1, memory: '64Mi' } } };
    const object = { spec: { template: { spec: { containers: [container] } } } };
    expect(schemaCauses(deployments.schema, object, false)).toEqual([]);
  });
});
