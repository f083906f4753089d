import { readSchemas } from './schema-notation.ts';

/** State of pods. */
export const podStatusSchemas = readSchemas('io.k8s.api.core.v1', {
  PodStatus: {
    about: 'What is known of a pod; it may trail behind what its node does.',
    fields: {
      allocatedResources: '{quantity}',
      conditions: '[PodCondition] map=type merge=type | PodScheduled, Initialized, ContainersReady, Ready and others.',
      containerStatuses: '[ContainerStatus] | State of each container.',
      ephemeralContainerStatuses: '[ContainerStatus]',
      extendedResourceClaimStatus: 'PodExtendedResourceClaimStatus',
      hostIP: 'string | Address of the node.',
      hostIPs: '[HostIP] merge=ip',
      initContainerStatuses: '[ContainerStatus] | State of each init container.',
      message: 'string | Why the pod is in this state.',
      nodeAllocatableResourceClaimStatuses: '[NodeAllocatableResourceClaimStatus]',
      nominatedNodeName: 'string | Node on which room is being made.',
      observedGeneration: 'int64',
      phase: 'string | Pending, Running, Succeeded, Failed or Unknown.',
      podIP: 'string | Address of the pod.',
      podIPs: '[PodIP] map=ip merge=ip | All addresses of the pod.',
      qosClass: 'string | Guaranteed, Burstable or BestEffort.',
      reason: 'string | Why the pod is in this state, in one word, such as Evicted.',
      resize: 'string',
      resourceClaimStatuses: '[PodResourceClaimStatus] map=name merge,retainKeys=name',
      resources: 'ResourceRequirements',
      startTime: 'time | When the node accepted the pod.',
    },
  },
  PodCondition: {
    fields: {
      lastProbeTime: 'time | When it was last looked at.',
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      observedGeneration: 'int64',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  ContainerStatus: {
    about: 'State of one container.',
    fields: {
      allocatedResources: '{quantity}',
      allocatedResourcesStatus: '[ResourceStatus] map=name',
      containerID: 'string',
      image: 'string!',
      imageID: 'string!',
      lastState: 'ContainerState | How it ended the last time.',
      name: 'string!',
      ready: 'boolean! | Whether the readiness probe succeeds.',
      resources: 'ResourceRequirements',
      restartCount: 'int32! | How often the container was restarted.',
      started: 'boolean | Whether the startup probe has succeeded.',
      state: 'ContainerState | What it does now.',
      stopSignal: 'string',
      user: 'ContainerUser',
      volumeMounts: '[VolumeMountStatus] map=mountPath merge=mountPath',
    },
  },
  ResourceStatus: {
    fields: {
      name: 'string!',
      resources: '[ResourceHealth]',
    },
  },
  ResourceHealth: {
    fields: {
      health: 'string',
      message: 'string',
      resourceID: 'string!',
    },
  },
  ContainerState: {
    about: 'What a container does now; one member is set.',
    fields: {
      running: 'ContainerStateRunning',
      terminated: 'ContainerStateTerminated',
      waiting: 'ContainerStateWaiting',
    },
  },
  ContainerStateRunning: {
    about: 'A container that runs.',
    fields: {
      startedAt: 'time',
    },
  },
  ContainerStateTerminated: {
    about: 'A container that has ended.',
    fields: {
      containerID: 'string',
      exitCode: 'int32! | Exit code of the program.',
      finishedAt: 'time',
      message: 'string',
      reason: 'string',
      signal: 'int32',
      startedAt: 'time',
    },
  },
  ContainerStateWaiting: {
    about: 'A container that has not started yet.',
    fields: {
      message: 'string',
      reason: 'string | One word, such as ContainerCreating or CrashLoopBackOff.',
    },
  },
  ContainerUser: {
    fields: {
      linux: 'LinuxContainerUser',
    },
  },
  LinuxContainerUser: {
    fields: {
      gid: 'int64!',
      supplementalGroups: '[int64]',
      uid: 'int64!',
    },
  },
  VolumeMountStatus: {
    fields: {
      mountPath: 'string!',
      name: 'string!',
      readOnly: 'boolean',
      recursiveReadOnly: 'string',
      volumeStatus: 'VolumeStatus',
    },
  },
  VolumeStatus: {
    fields: {
      image: 'ImageVolumeStatus',
    },
  },
  ImageVolumeStatus: {
    fields: {
      imageRef: 'string!',
    },
  },
  PodExtendedResourceClaimStatus: {
    fields: {
      requestMappings: '[ContainerExtendedResourceRequest]!',
      resourceClaimName: 'string!',
    },
  },
  ContainerExtendedResourceRequest: {
    fields: {
      containerName: 'string!',
      requestName: 'string!',
      resourceName: 'string!',
    },
  },
  HostIP: {
    fields: {
      ip: 'string!',
    },
  },
  NodeAllocatableResourceClaimStatus: {
    fields: {
      containers: '[string]',
      resourceClaimName: 'string!',
      resources: '{string}!',
    },
  },
  PodIP: {
    fields: {
      ip: 'string!',
    },
  },
  PodResourceClaimStatus: {
    fields: {
      name: 'string!',
      resourceClaimName: 'string',
    },
  },
});
