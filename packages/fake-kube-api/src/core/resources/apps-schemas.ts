import { readSchemas } from './schema-notation.ts';

/** Types of `apps`. */
export const appsSchemas = readSchemas('io.k8s.api.apps.v1', {
  Deployment: {
    about: 'Keeps pods running and replaces them step by step when their template changes.',
    root: true,
    fields: {
      spec: 'DeploymentSpec',
      status: 'DeploymentStatus',
    },
  },
  DeploymentSpec: {
    about: 'The pods that are wanted, and how changes roll out.',
    fields: {
      minReadySeconds: 'int32 | Seconds that a pod must be ready to count as available. Default 0.',
      paused: 'boolean | True stops rolling out.',
      progressDeadlineSeconds: 'int32 | Seconds without progress after which it has failed. Default 600.',
      replicas: 'int32 | How many pods are wanted. Default 1.',
      revisionHistoryLimit: 'int32 | How many old ReplicaSets are kept. Default 10.',
      selector: "meta.LabelSelector! | Which pods belong to it; it must match the template's labels and never changes.",
      strategy: 'DeploymentStrategy retainKeys | How old pods are replaced.',
      template: 'core.PodTemplateSpec! | Pods are made after this.',
    },
  },
  DeploymentStrategy: {
    about: 'How old pods are replaced.',
    fields: {
      rollingUpdate: 'RollingUpdateDeployment',
      type: 'string | Recreate or RollingUpdate. Default RollingUpdate.',
    },
  },
  RollingUpdateDeployment: {
    about: 'How many pods change at a time.',
    fields: {
      maxSurge: 'intOrString | Pods above the wanted number, a number or a percentage. Default 25%.',
      maxUnavailable: 'intOrString | Pods below the wanted number, a number or a percentage. Default 25%.',
    },
  },
  DeploymentStatus: {
    about: 'How far a deployment is.',
    fields: {
      availableReplicas: 'int32 | Pods that were ready long enough.',
      collisionCount: 'int32',
      conditions: '[DeploymentCondition] map=type merge=type | Available, Progressing and ReplicaFailure.',
      observedGeneration: 'int64 | Generation that this status is about.',
      readyReplicas: 'int32 | Pods that are ready.',
      replicas: 'int32 | Pods of the deployment.',
      terminatingReplicas: 'int32',
      unavailableReplicas: 'int32 | Pods that are still missing.',
      updatedReplicas: 'int32 | Pods that have the present template.',
    },
  },
  DeploymentCondition: {
    fields: {
      lastTransitionTime: 'time | When the status last changed.',
      lastUpdateTime: 'time | When it was last looked at.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  ReplicaSet: {
    about: 'Keeps a number of identical pods running.',
    root: true,
    fields: {
      spec: 'ReplicaSetSpec',
      status: 'ReplicaSetStatus',
    },
  },
  ReplicaSetSpec: {
    about: 'The pods that are wanted.',
    fields: {
      minReadySeconds: 'int32 | Seconds that a pod must be ready to count as available. Default 0.',
      replicas: 'int32 | How many pods are wanted. Default 1.',
      selector: "meta.LabelSelector! | Which pods belong to it; it must match the template's labels and never changes.",
      template: 'core.PodTemplateSpec | Pods are made after this.',
    },
  },
  ReplicaSetStatus: {
    about: 'The pods that there are.',
    fields: {
      availableReplicas: 'int32 | Pods that were ready long enough.',
      conditions: '[ReplicaSetCondition] map=type merge=type',
      fullyLabeledReplicas: 'int32',
      observedGeneration: 'int64 | Generation that this status is about.',
      readyReplicas: 'int32 | Pods that are ready.',
      replicas: 'int32! | Pods of the deployment.',
      terminatingReplicas: 'int32',
    },
  },
  ReplicaSetCondition: {
    fields: {
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  StatefulSet: {
    about: 'Keeps pods running that each have a name and storage of their own.',
    root: true,
    fields: {
      spec: 'StatefulSetSpec',
      status: 'StatefulSetStatus',
    },
  },
  StatefulSetSpec: {
    about: 'The pods and claims that are wanted.',
    fields: {
      minReadySeconds: 'int32 | Seconds that a pod must be ready to count as available. Default 0.',
      ordinals: 'StatefulSetOrdinals',
      persistentVolumeClaimRetentionPolicy: 'StatefulSetPersistentVolumeClaimRetentionPolicy',
      podManagementPolicy: 'string | OrderedReady or Parallel.',
      replicas: 'int32 | How many pods are wanted. Default 1.',
      revisionHistoryLimit: 'int32 | How many old ReplicaSets are kept. Default 10.',
      selector: "meta.LabelSelector! | Which pods belong to it; it must match the template's labels and never changes.",
      serviceName: 'string | Service that gives the pods their names.',
      template: 'core.PodTemplateSpec! | Pods are made after this.',
      updateStrategy: 'StatefulSetUpdateStrategy | How pods are replaced.',
      volumeClaimTemplates: '[core.PersistentVolumeClaim] | Claims that each pod gets.',
    },
  },
  StatefulSetOrdinals: {
    fields: {
      start: 'int32',
    },
  },
  StatefulSetPersistentVolumeClaimRetentionPolicy: {
    fields: {
      whenDeleted: 'string',
      whenScaled: 'string',
    },
  },
  StatefulSetUpdateStrategy: {
    fields: {
      rollingUpdate: 'RollingUpdateStatefulSetStrategy',
      type: 'string',
    },
  },
  RollingUpdateStatefulSetStrategy: {
    fields: {
      maxUnavailable: 'intOrString',
      partition: 'int32',
    },
  },
  StatefulSetStatus: {
    about: 'The pods that there are.',
    fields: {
      availableReplicas: 'int32 | Pods that were ready long enough.',
      collisionCount: 'int32',
      conditions: '[StatefulSetCondition] map=type merge=type',
      currentReplicas: 'int32',
      currentRevision: 'string',
      observedGeneration: 'int64 | Generation that this status is about.',
      readyReplicas: 'int32 | Pods that are ready.',
      replicas: 'int32! | Pods of the deployment.',
      updateRevision: 'string',
      updatedReplicas: 'int32 | Pods that have the present template.',
    },
  },
  StatefulSetCondition: {
    fields: {
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  DaemonSet: {
    about: 'Keeps one pod running on each matching node.',
    root: true,
    fields: {
      spec: 'DaemonSetSpec',
      status: 'DaemonSetStatus',
    },
  },
  DaemonSetSpec: {
    about: 'The pods that are wanted.',
    fields: {
      minReadySeconds: 'int32 | Seconds that a pod must be ready to count as available. Default 0.',
      revisionHistoryLimit: 'int32 | How many old ReplicaSets are kept. Default 10.',
      selector: "meta.LabelSelector! | Which pods belong to it; it must match the template's labels and never changes.",
      template: 'core.PodTemplateSpec! | Pods are made after this.',
      updateStrategy: 'DaemonSetUpdateStrategy | How pods are replaced.',
    },
  },
  DaemonSetUpdateStrategy: {
    fields: {
      rollingUpdate: 'RollingUpdateDaemonSet',
      type: 'string',
    },
  },
  RollingUpdateDaemonSet: {
    fields: {
      maxSurge: 'intOrString',
      maxUnavailable: 'intOrString',
    },
  },
  DaemonSetStatus: {
    about: 'How many nodes have their pod.',
    fields: {
      collisionCount: 'int32',
      conditions: '[DaemonSetCondition] map=type merge=type',
      currentNumberScheduled: 'int32!',
      desiredNumberScheduled: 'int32!',
      numberAvailable: 'int32',
      numberMisscheduled: 'int32!',
      numberReady: 'int32!',
      numberUnavailable: 'int32',
      observedGeneration: 'int64 | Generation that this status is about.',
      updatedNumberScheduled: 'int32',
    },
  },
  DaemonSetCondition: {
    fields: {
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  ControllerRevision: {
    about: 'A snapshot of the state of a controller.',
    root: true,
    fields: {
      data: 'any',
      revision: 'int64!',
    },
  },
});
