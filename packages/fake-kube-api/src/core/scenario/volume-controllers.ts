import type { Cluster } from './cluster.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Claim } from './views.ts';
import type { Controller } from './work-loop.ts';

/** The volume that is made for a claim. */
export function volumeName(claim: Claim): string {
  return `pvc-${claim.metadata.uid}`;
}

/** Makes a volume for each claim of a storage class and binds the two. */
export function createClaimController(cluster: Cluster, events: EventRecorder): Controller {
  const createVolume = (claim: Claim, storageClassName: string) => {
    const { name, namespace = 'default', uid } = claim.metadata;
    const { accessModes = ['ReadWriteOnce'], resources } = claim.spec;
    cluster.create('volumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: volumeName(claim),
        annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disk' },
      },
      spec: {
        accessModes,
        capacity: { storage: resources?.requests?.['storage'] ?? '1Gi' },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
        csi: { driver: 'example.com/disk', volumeHandle: `disk-${uid}` },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName,
        volumeMode: 'Filesystem',
      },
    });
    const message = `Successfully provisioned volume ${volumeName(claim)}`;
    events.record(claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message, component: 'example.com/disk' });
  };
  const defaultClass = () =>
    [...cluster.cache('storageClasses').values()].find(
      ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
    )?.metadata.name;

  return {
    name: 'claims',
    reconcile: (key) => {
      const claim = cluster.cache('claims').get(key);
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return undefined;
      const storageClassName = claim.spec.storageClassName ?? defaultClass();
      if (storageClassName === undefined || cluster.cache('storageClasses').get(storageClassName) === undefined) {
        const waiting = { type: 'Normal' as const, reason: 'FailedBinding', component: 'persistentvolume-controller' };
        events.record(claim, { ...waiting, message: 'no persistent volumes available and no storage class is set' });
        if (claim.status?.phase === undefined) cluster.updateStatus('claims', claim, { phase: 'Pending' });
        return 15_000;
      }
      if (claim.spec.volumeName === undefined) {
        if (cluster.cache('volumes').get(volumeName(claim)) === undefined) createVolume(claim, storageClassName);
        const spec = { ...claim.spec, storageClassName, volumeName: volumeName(claim) };
        cluster.update('claims', { ...claim, spec });
        return undefined;
      }
      const { accessModes = [], resources } = claim.spec;
      cluster.updateStatus('claims', claim, { phase: 'Bound', accessModes, capacity: resources?.requests ?? {} });
      return undefined;
    },
  };
}

/** Says of volumes whether they are bound, and removes those whose claim is gone. */
export function createVolumeController(cluster: Cluster): Controller {
  return {
    name: 'volumes',
    reconcile: (name) => {
      const volume = cluster.cache('volumes').get(name);
      if (volume === undefined || volume.metadata.deletionTimestamp !== undefined) return undefined;
      const { claimRef } = volume.spec;
      if (claimRef === undefined) {
        cluster.updateStatus('volumes', volume, { phase: 'Available' });
        return undefined;
      }
      const claim = cluster.cache('claims').get(`${claimRef.namespace}/${claimRef.name}`);
      if (claim?.metadata.uid === claimRef.uid) {
        cluster.updateStatus('volumes', volume, { phase: 'Bound' });
      } else if (volume.spec['persistentVolumeReclaimPolicy'] === 'Delete') {
        cluster.remove('volumes', volume);
      } else {
        cluster.updateStatus('volumes', volume, { phase: 'Released' });
      }
      return undefined;
    },
  };
}
