import type { KubeObject } from '../../protocol/kube-object.ts';
import type { TableColumn } from '../resource-definition.ts';
import { ageColumn, column, nameColumn, UNKNOWN } from './columns.ts';
import { scalarText, textAt, textsAt, valueAt } from './read-fields.ts';

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOnce: 'RWO',
  ReadWriteOncePod: 'RWOP',
};

function accessModes(object: KubeObject, ...path: readonly string[]): string {
  const modes = new Set(textsAt(object, ...path));
  return ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod']
    .filter((mode) => modes.has(mode))
    .map((mode) => SHORT_MODES[mode])
    .join(',');
}

function storage(object: KubeObject, ...path: readonly string[]): string {
  return scalarText(valueAt(object, ...path, 'storage'), '');
}

function className(object: KubeObject): string {
  return (
    object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ??
    textAt(object, 'spec', 'storageClassName')
  );
}

const attributesClassColumn = column(
  'VolumeAttributesClass',
  'Class of the attributes of the volume.',
  (object) => textAt(object, 'spec', 'volumeAttributesClassName') || '<unset>',
);

const volumeModeColumn = column(
  'VolumeMode',
  'Whether the volume is a file system or a block device.',
  (object) => textAt(object, 'spec', 'volumeMode') || '<unset>',
  { wide: true },
);

/** The columns of `kubectl get persistentvolumes`. */
export const persistentVolumeColumns: readonly TableColumn[] = [
  nameColumn,
  column('Capacity', 'Size of the volume.', (volume) => storage(volume, 'spec', 'capacity')),
  column('Access Modes', 'How the volume can be mounted.', (volume) => accessModes(volume, 'spec', 'accessModes')),
  column('Reclaim Policy', 'What happens after the claim is gone.', (volume) =>
    textAt(volume, 'spec', 'persistentVolumeReclaimPolicy'),
  ),
  column('Status', 'Whether the volume is free, bound or released.', (volume) =>
    volume.metadata.deletionTimestamp === undefined ? textAt(volume, 'status', 'phase') : 'Terminating',
  ),
  column('Claim', 'The claim that it is bound to.', (volume) => {
    const name = textAt(volume, 'spec', 'claimRef', 'name');
    return name === '' ? '' : `${textAt(volume, 'spec', 'claimRef', 'namespace')}/${name}`;
  }),
  column('StorageClass', 'Class that the volume belongs to.', className),
  attributesClassColumn,
  column('Reason', 'Why it is in this state.', (volume) => textAt(volume, 'status', 'reason')),
  ageColumn,
  volumeModeColumn,
];

/** The columns of `kubectl get persistentvolumeclaims`; size and modes are those of a bound volume. */
export const persistentVolumeClaimColumns: readonly TableColumn[] = [
  nameColumn,
  column('Status', 'Whether the claim is bound.', (claim) =>
    claim.metadata.deletionTimestamp === undefined ? textAt(claim, 'status', 'phase') : 'Terminating',
  ),
  column('Volume', 'The volume that it is bound to.', (claim) => textAt(claim, 'spec', 'volumeName')),
  column('Capacity', 'Size of the volume.', (claim) =>
    textAt(claim, 'spec', 'volumeName') === '' ? '' : storage(claim, 'status', 'capacity'),
  ),
  column('Access Modes', 'How the volume can be mounted.', (claim) =>
    textAt(claim, 'spec', 'volumeName') === '' ? '' : accessModes(claim, 'status', 'accessModes'),
  ),
  column('StorageClass', 'Class of the volume.', className),
  attributesClassColumn,
  ageColumn,
  volumeModeColumn,
];

/** The columns of `kubectl get storageclasses`. */
export const storageClassColumns: readonly TableColumn[] = [
  {
    ...nameColumn,
    value: ({ metadata }) => {
      const isDefault = metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
      return isDefault ? `${metadata.name} (default)` : metadata.name;
    },
  },
  column('Provisioner', 'Who makes the volumes.', (one) => textAt(one, 'provisioner')),
  column('ReclaimPolicy', 'What happens after the claim is gone.', (one) => textAt(one, 'reclaimPolicy')),
  column('VolumeBindingMode', 'When volumes are bound.', (one) => textAt(one, 'volumeBindingMode')),
  column('AllowVolumeExpansion', 'Whether claims may grow.', (one) => one['allowVolumeExpansion'] === true),
  ageColumn,
];

/** The columns of `kubectl get leases`. */
export const leaseColumns: readonly TableColumn[] = [
  nameColumn,
  column('Holder', 'Who holds it.', (lease) => textAt(lease, 'spec', 'holderIdentity')),
  ageColumn,
];

/** Shown for a namespace, which has no other state than its phase. */
export const namespaceColumns: readonly TableColumn[] = [
  nameColumn,
  column('Status', 'Active or Terminating.', (namespace) => textAt(namespace, 'status', 'phase') || UNKNOWN),
  ageColumn,
];
