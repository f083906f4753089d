import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../protocol/kube-object.ts';
import { definitionOf, recordedPods } from '../../../test/support/objects.ts';
import { trackManagedFields } from './managed-fields.ts';

const definition = definitionOf('pods');
const pods = recordedPods();

function withoutOwners(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

describe('the managed fields of an update', () => {
  it('are those that the real server notes when a pod is created', () => {
    const pending = pods.filter(({ metadata }) => metadata.managedFields?.length === 1);
    expect(pending.length).toBeGreaterThan(5);
    for (const pod of pending) {
      const entry = pod.metadata.managedFields?.[0];
      const tracked = trackManagedFields({
        definition,
        before: undefined,
        after: withoutOwners(pod),
        manager: entry?.manager ?? '',
        operation: 'Update',
        nowIso: entry?.time ?? '',
      });
      expect(tracked.metadata.managedFields).toEqual(pod.metadata.managedFields);
    }
  });

  it('are those that the real server notes for a label and a status', () => {
    const pod = pods[0];
    if (pod === undefined) throw new Error('the fixture has pods');
    const [creation, status, label] = pod.metadata.managedFields ?? [];
    const { stage: _, ...labels } = pod.metadata.labels ?? {};
    const created = trackManagedFields({
      definition,
      before: undefined,
      after: {
        ...withoutOwners(pod),
        metadata: { ...withoutOwners(pod).metadata, labels },
        status: { phase: 'Pending', qosClass: 'Burstable' },
      },
      manager: 'kubectl-client-side-apply',
      operation: 'Update',
      nowIso: creation?.time ?? '',
    });
    const labelled = trackManagedFields({
      definition,
      before: created,
      after: { ...created, metadata: { ...created.metadata, labels: pod.metadata.labels ?? {} } },
      manager: 'kubectl-label',
      operation: 'Update',
      nowIso: label?.time ?? '',
    });
    const reported = trackManagedFields({
      definition,
      before: labelled,
      after: { ...labelled, status: pod['status'] },
      manager: 'curl',
      operation: 'Update',
      subresource: 'status',
      nowIso: status?.time ?? '',
    });
    expect(reported.metadata.managedFields).toEqual([creation, status, label]);
  });

  it('are forgotten for [{}], and survive whatever else a client writes there', () => {
    const [pod] = pods;
    if (pod === undefined) throw new Error('the fixture has pods');
    const write = (managedFields: readonly unknown[]): KubeObject =>
      trackManagedFields({
        definition,
        before: pod,
        after: {
          ...pod,
          metadata: { ...pod.metadata, labels: { app: 'other' }, managedFields: managedFields as [] },
        },
        manager: 'editor',
        operation: 'Update',
        nowIso: '2026-01-01T00:00:00Z',
      });
    expect(write([{}]).metadata.managedFields?.map(({ manager }) => manager)).toEqual(['editor']);
    expect(write([]).metadata.managedFields?.map(({ manager }) => manager)).toContain('curl');
    const odd = { manager: 'odd', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:metadata': null, 'f:a': 1 } };
    expect(write([null, odd, { ...odd, fieldsV1: 'x' }]).metadata.managedFields).toHaveLength(2);
  });
});
