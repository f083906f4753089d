import { describe, expect, it } from 'vitest';
import { definitionOf, objectOf, recorded, recordedPods } from '../../../test/support/objects.ts';
import type { KubeObject } from '../../protocol/kube-object.ts';
import type { Status } from '../../protocol/status.ts';
import { valueAt } from './read-fields.ts';

function prepare(resource: string, object: KubeObject, old?: KubeObject): KubeObject {
  return definitionOf(resource).prepare?.(object, old) ?? object;
}

function causesOf(resource: string, object: KubeObject, old?: KubeObject) {
  return definitionOf(resource).validate?.(prepare(resource, object, old), old) ?? [];
}

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'registry.example/app:1' }] },
};
const selector = { matchLabels: { app: 'web' } };

describe('the defaults of a pod', () => {
  it('are those that the real server set on the manifest that was applied', () => {
    for (const pod of recordedPods()) {
      const applied = pod.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
      if (applied === undefined || pod.metadata.managedFields?.length !== 1) continue;
      const manifest = JSON.parse(applied) as KubeObject;
      expect(prepare('pods', { ...manifest, metadata: pod.metadata })).toEqual(pod);
    }
  });

  it('say that a container is pulled always when its tag may move', () => {
    const policyOf = (image: string): unknown =>
      valueAt(
        prepare('pods', objectOf('pods', { spec: { containers: [{ name: 'a', image }] } })),
        'spec',
        'containers',
      );
    expect(policyOf('app')).toMatchObject([{ imagePullPolicy: 'Always' }]);
    expect(policyOf('host:5000/app:latest')).toMatchObject([{ imagePullPolicy: 'Always' }]);
    expect(policyOf('host:5000/app:1')).toMatchObject([{ imagePullPolicy: 'IfNotPresent' }]);
    expect(policyOf('app@sha256:00')).toMatchObject([{ imagePullPolicy: 'IfNotPresent' }]);
  });

  it('change nothing, and not even the identity, when they are there already', () => {
    const pod = prepare('pods', objectOf('pods', { spec: template.spec }));
    expect(prepare('pods', pod, pod)).toBe(pod);
  });
});

describe('the defaults of other resources', () => {
  it('complete a deployment', () => {
    const deployment = prepare('deployments', objectOf('deployments', { spec: { selector, template } }));
    expect(deployment).toMatchObject({
      spec: {
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        template: { spec: { restartPolicy: 'Always', terminationGracePeriodSeconds: 30 } },
      },
      status: {},
    });
    expect(prepare('deployments', deployment, deployment)).toBe(deployment);
  });

  it('drop fields that the schema does not know', () => {
    const deployment = objectOf('deployments', { spec: { selector, template, replicaCount: 3 } });
    expect(prepare('deployments', deployment)['spec']).not.toHaveProperty('replicaCount');
  });

  it('drop fields that are null, as kubectl sends the creation time of a template', () => {
    const created = prepare(
      'deployments',
      objectOf('deployments', {
        spec: {
          selector,
          paused: null,
          template: { ...template, metadata: { ...template.metadata, creationTimestamp: null } },
        },
      }),
    );
    expect(JSON.stringify(created)).not.toContain('null');
  });

  it('give a service an address that it keeps', () => {
    const service = objectOf('services', {
      spec: { type: 'NodePort', ports: [{ port: 80 }], selector: { app: 'web' } },
    });
    const created = prepare('services', service);
    expect(created['spec']).toMatchObject({
      clusterIP: expect.stringMatching(/^10\.96\.\d+\.\d+$/) as unknown,
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP', nodePort: expect.any(Number) as unknown }],
      sessionAffinity: 'None',
    });
    expect(prepare('services', service, created)['spec']).toEqual(created['spec']);
    expect(
      causesOf('services', { ...created, spec: { ...(service['spec'] as object), clusterIP: '10.96.0.77' } }, created),
    ).toMatchObject([{ field: 'spec.clusterIPs[0]', reason: 'FieldValueInvalid' }]);
  });

  it('write the texts of a secret into its data', () => {
    const secret = prepare('secrets', objectOf('secrets', { stringData: { a: 'grün €', b: '', c: 'ab' } }));
    expect(secret['data']).toEqual({ a: Buffer.from('grün €').toString('base64'), b: '', c: 'YWI=' });
    expect(secret).not.toHaveProperty('stringData');
    expect(secret['type']).toBe('Opaque');
  });

  it('give a job a selector of its own', () => {
    const job = prepare(
      'jobs',
      objectOf('jobs', { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } }),
    );
    const label = { 'batch.kubernetes.io/controller-uid': job.metadata.uid };
    expect(job['spec']).toMatchObject({
      selector: { matchLabels: label },
      template: { metadata: { labels: label } },
      backoffLimit: 6,
    });
    expect(causesOf('jobs', job, job)).toEqual([]);
  });
});

describe('the grace period of a pod', () => {
  it('is nothing without a node, and what the spec says on one', () => {
    const graceOf = (spec: object): unknown =>
      definitionOf('pods').gracePeriodSeconds?.(objectOf('pods', { spec, status: { phase: 'Pending' } }));
    expect(graceOf({ terminationGracePeriodSeconds: 30 })).toBe(0);
    expect(graceOf({ terminationGracePeriodSeconds: 7, nodeName: 'node-1' })).toBe(7);
  });
});

describe('the rules of objects', () => {
  it('say what the real server said of a pod without containers', () => {
    const expected = recorded<Status>('status-422.json').details?.causes?.filter(
      ({ field }) => field !== 'metadata.name',
    );
    expect(causesOf('pods', objectOf('pods'))).toEqual(expected);
  });

  it('want the selector of a workload to match its template and to stay', () => {
    const deployment = objectOf('deployments', { spec: { selector, template } });
    expect(causesOf('deployments', deployment)).toEqual([]);
    const other = objectOf('deployments', { spec: { selector: { matchLabels: { app: 'b' } }, template } });
    expect(causesOf('deployments', other)).toEqual([
      {
        reason: 'FieldValueInvalid',
        field: 'spec.template.metadata.labels',
        message: 'Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      },
    ]);
    expect(causesOf('deployments', other, deployment).map(({ message }) => message)).toContain(
      'Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    );
  });

  it('refuse values of a wrong type', () => {
    const deployment = objectOf('deployments', { spec: { replicas: 'three', selector, template } });
    expect(causesOf('deployments', deployment)).toEqual([
      {
        reason: 'FieldValueInvalid',
        field: 'spec.replicas',
        message: 'Invalid value: "string": spec.replicas in body must be of type integer: "string"',
      },
    ]);
  });

  it('let a pod change its images and its node once, and nothing else of its spec', () => {
    const pod = prepare('pods', objectOf('pods', { spec: template.spec }));
    const changed = (spec: object): KubeObject => ({ ...pod, spec: { ...(pod['spec'] as object), ...spec } });
    const image = [{ ...template.spec.containers[0], image: 'registry.example/app:2' }];
    expect(causesOf('pods', changed({ containers: image }), pod)).toEqual([]);
    const bound = changed({ nodeName: 'node-1' });
    expect(causesOf('pods', bound, pod)).toEqual([]);
    expect(causesOf('pods', changed({ nodeName: 'node-2' }), bound)).toMatchObject([
      { field: 'spec', reason: 'FieldValueForbidden' },
    ]);
    expect(causesOf('pods', changed({ restartPolicy: 'Never' }), pod)).toMatchObject([{ field: 'spec' }]);
  });

  it('want a job not to restart for ever', () => {
    expect(causesOf('jobs', objectOf('jobs', { spec: { template } }))).toMatchObject([
      { field: 'spec.template.spec.restartPolicy', message: 'Required value: valid values: "OnFailure", "Never"' },
    ]);
  });

  it('never fail on objects of odd shapes', () => {
    for (const odd of [null, 1, 'x', [], [null], { a: null }]) {
      for (const resource of [
        'pods',
        'deployments',
        'services',
        'cronjobs',
        'secrets',
        'customresourcedefinitions',
        'ingresses',
      ]) {
        const object = objectOf(resource, { spec: odd, data: odd, stringData: odd, status: odd });
        expect(Array.isArray(causesOf(resource, object))).toBe(true);
      }
    }
  });
});
