import { readSchemas } from './schema-notation.ts';

/** Volumes of pods, and persistent storage. Volumes of the former cloud drivers are taken as they come. */
export const volumeSchemas = readSchemas('io.k8s.api.core.v1', {
  Volume: {
    about: 'A folder that containers of a pod can mount; exactly one source is set.',
    fields: {
      awsElasticBlockStore: 'object',
      azureDisk: 'object',
      azureFile: 'object',
      cephfs: 'object',
      cinder: 'object',
      configMap: 'ConfigMapVolumeSource | A ConfigMap as files.',
      csi: 'CSIVolumeSource | Made by a CSI driver.',
      downwardAPI: 'DownwardAPIVolumeSource | Facts about the pod as files.',
      emptyDir: 'EmptyDirVolumeSource | An empty folder.',
      ephemeral: 'EphemeralVolumeSource | A claim that is made with the pod.',
      fc: 'object',
      flexVolume: 'object',
      flocker: 'object',
      gcePersistentDisk: 'object',
      gitRepo: 'object',
      glusterfs: 'object',
      hostPath: 'HostPathVolumeSource | A path of the node.',
      image: 'ImageVolumeSource | The content of an image.',
      iscsi: 'object',
      name: 'string! | Name that mounts refer to.',
      nfs: 'NFSVolumeSource | A share of an NFS server.',
      persistentVolumeClaim: 'PersistentVolumeClaimVolumeSource | A claim of the same namespace.',
      photonPersistentDisk: 'object',
      portworxVolume: 'object',
      projected: 'ProjectedVolumeSource | Several sources in one folder.',
      quobyte: 'object',
      rbd: 'object',
      scaleIO: 'object',
      secret: 'SecretVolumeSource | A Secret as files.',
      storageos: 'object',
      vsphereVolume: 'object',
    },
  },
  ConfigMapVolumeSource: {
    about: 'A ConfigMap as files.',
    fields: {
      defaultMode: 'int32',
      items: '[KeyToPath]',
      name: 'string',
      optional: 'boolean',
    },
  },
  KeyToPath: {
    fields: {
      key: 'string!',
      mode: 'int32',
      path: 'string!',
    },
  },
  CSIVolumeSource: {
    about: 'A volume that a CSI driver makes for this pod.',
    fields: {
      driver: 'string!',
      fsType: 'string',
      nodePublishSecretRef: 'LocalObjectReference',
      readOnly: 'boolean',
      volumeAttributes: '{string}',
    },
  },
  DownwardAPIVolumeSource: {
    about: 'Facts about the pod as files.',
    fields: {
      defaultMode: 'int32',
      items: '[DownwardAPIVolumeFile]',
    },
  },
  DownwardAPIVolumeFile: {
    fields: {
      fieldRef: 'ObjectFieldSelector',
      mode: 'int32',
      path: 'string!',
      resourceFieldRef: 'ResourceFieldSelector',
    },
  },
  EmptyDirVolumeSource: {
    about: 'An empty folder that lives as long as the pod.',
    fields: {
      medium: 'string',
      sizeLimit: 'quantity',
    },
  },
  EphemeralVolumeSource: {
    fields: {
      volumeClaimTemplate: 'PersistentVolumeClaimTemplate',
    },
  },
  PersistentVolumeClaimTemplate: {
    fields: {
      metadata: 'meta.ObjectMeta',
      spec: 'PersistentVolumeClaimSpec!',
    },
  },
  PersistentVolumeClaimSpec: {
    about: 'What storage is wanted.',
    fields: {
      accessModes: '[string] | How the volume is to be mounted.',
      dataSource: 'TypedLocalObjectReference',
      dataSourceRef: 'TypedObjectReference',
      resources: 'VolumeResourceRequirements | How large it must be.',
      selector: 'meta.LabelSelector',
      storageClassName: 'string | Class of the volume.',
      volumeAttributesClassName: 'string',
      volumeMode: 'string',
      volumeName: 'string | The volume that it is bound to.',
    },
  },
  TypedLocalObjectReference: {
    atomic: true,
    fields: {
      apiGroup: 'string',
      kind: 'string!',
      name: 'string!',
    },
  },
  TypedObjectReference: {
    fields: {
      apiGroup: 'string',
      kind: 'string!',
      name: 'string!',
      namespace: 'string',
    },
  },
  VolumeResourceRequirements: {
    fields: {
      limits: '{quantity}',
      requests: '{quantity}',
    },
  },
  HostPathVolumeSource: {
    about: 'A path of the node.',
    fields: {
      path: 'string!',
      type: 'string',
    },
  },
  ImageVolumeSource: {
    fields: {
      pullPolicy: 'string',
      reference: 'string',
    },
  },
  NFSVolumeSource: {
    about: 'A share of an NFS server.',
    fields: {
      path: 'string!',
      readOnly: 'boolean',
      server: 'string!',
    },
  },
  PersistentVolumeClaimVolumeSource: {
    about: 'A claim of the same namespace.',
    fields: {
      claimName: 'string!',
      readOnly: 'boolean',
    },
  },
  ProjectedVolumeSource: {
    about: 'Several sources in one folder.',
    fields: {
      defaultMode: 'int32',
      sources: '[VolumeProjection]',
    },
  },
  VolumeProjection: {
    fields: {
      clusterTrustBundle: 'ClusterTrustBundleProjection',
      configMap: 'ConfigMapProjection',
      downwardAPI: 'DownwardAPIProjection',
      podCertificate: 'PodCertificateProjection',
      secret: 'SecretProjection',
      serviceAccountToken: 'ServiceAccountTokenProjection',
    },
  },
  ClusterTrustBundleProjection: {
    fields: {
      labelSelector: 'meta.LabelSelector',
      name: 'string',
      optional: 'boolean',
      path: 'string!',
      signerName: 'string',
    },
  },
  ConfigMapProjection: {
    fields: {
      items: '[KeyToPath]',
      name: 'string',
      optional: 'boolean',
    },
  },
  DownwardAPIProjection: {
    fields: {
      items: '[DownwardAPIVolumeFile]',
    },
  },
  PodCertificateProjection: {
    fields: {
      certificateChainPath: 'string',
      credentialBundlePath: 'string',
      keyPath: 'string',
      keyType: 'string!',
      maxExpirationSeconds: 'int32',
      signerName: 'string!',
      userAnnotations: '{string}',
    },
  },
  SecretProjection: {
    fields: {
      items: '[KeyToPath]',
      name: 'string',
      optional: 'boolean',
    },
  },
  ServiceAccountTokenProjection: {
    fields: {
      audience: 'string',
      expirationSeconds: 'int64',
      path: 'string!',
    },
  },
  SecretVolumeSource: {
    about: 'A Secret as files.',
    fields: {
      defaultMode: 'int32',
      items: '[KeyToPath]',
      optional: 'boolean',
      secretName: 'string',
    },
  },
  PersistentVolume: {
    about: 'Storage of the cluster that claims can be bound to.',
    root: true,
    fields: {
      spec: 'PersistentVolumeSpec',
      status: 'PersistentVolumeStatus',
    },
  },
  PersistentVolumeSpec: {
    about: 'What the storage is, and who may use it.',
    fields: {
      accessModes: '[string] | ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.',
      awsElasticBlockStore: 'object',
      azureDisk: 'object',
      azureFile: 'object',
      capacity: '{quantity} | Size of the volume.',
      cephfs: 'object',
      cinder: 'object',
      claimRef: 'ObjectReference | The claim that it is bound to.',
      csi: 'CSIPersistentVolumeSource',
      fc: 'object',
      flexVolume: 'object',
      flocker: 'object',
      gcePersistentDisk: 'object',
      glusterfs: 'object',
      hostPath: 'HostPathVolumeSource',
      iscsi: 'object',
      local: 'LocalVolumeSource',
      mountOptions: '[string]',
      nfs: 'NFSVolumeSource',
      nodeAffinity: 'VolumeNodeAffinity',
      persistentVolumeReclaimPolicy: 'string | What happens after the claim is gone: Retain, Delete or Recycle.',
      photonPersistentDisk: 'object',
      portworxVolume: 'object',
      quobyte: 'object',
      rbd: 'object',
      scaleIO: 'object',
      storageClassName: 'string | Class that the volume belongs to.',
      storageos: 'object',
      volumeAttributesClassName: 'string',
      volumeMode: 'string',
      vsphereVolume: 'object',
    },
  },
  CSIPersistentVolumeSource: {
    fields: {
      controllerExpandSecretRef: 'SecretReference',
      controllerPublishSecretRef: 'SecretReference',
      driver: 'string!',
      fsType: 'string',
      nodeExpandSecretRef: 'SecretReference',
      nodePublishSecretRef: 'SecretReference',
      nodeStageSecretRef: 'SecretReference',
      readOnly: 'boolean',
      volumeAttributes: '{string}',
      volumeHandle: 'string!',
    },
  },
  SecretReference: {
    atomic: true,
    fields: {
      name: 'string',
      namespace: 'string',
    },
  },
  LocalVolumeSource: {
    fields: {
      fsType: 'string',
      path: 'string!',
    },
  },
  VolumeNodeAffinity: {
    fields: {
      required: 'NodeSelector',
    },
  },
  PersistentVolumeStatus: {
    about: 'State of a volume.',
    fields: {
      lastPhaseTransitionTime: 'time',
      message: 'string',
      phase: 'string | Pending, Available, Bound, Released or Failed.',
      reason: 'string',
    },
  },
  PersistentVolumeClaim: {
    about: 'A request for storage.',
    root: true,
    fields: {
      spec: 'PersistentVolumeClaimSpec',
      status: 'PersistentVolumeClaimStatus',
    },
  },
  PersistentVolumeClaimStatus: {
    about: 'What storage a claim has.',
    fields: {
      accessModes: '[string]',
      allocatedResourceStatuses: '{string}',
      allocatedResources: '{quantity}',
      capacity: '{quantity}',
      conditions: '[PersistentVolumeClaimCondition] map=type merge=type',
      currentVolumeAttributesClassName: 'string',
      modifyVolumeStatus: 'ModifyVolumeStatus',
      phase: 'string | Pending, Bound or Lost.',
    },
  },
  PersistentVolumeClaimCondition: {
    fields: {
      lastProbeTime: 'time | When it was last looked at.',
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  ModifyVolumeStatus: {
    fields: {
      status: 'string!',
      targetVolumeAttributesClassName: 'string',
    },
  },
});
