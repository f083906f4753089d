import { readSchemas } from './schema-notation.ts';

/** Nodes and namespaces. */
export const nodeSchemas = readSchemas('io.k8s.api.core.v1', {
  Namespace: {
    about: 'A scope for names: objects of namespaced resources live in one.',
    root: true,
    fields: {
      spec: 'NamespaceSpec',
      status: 'NamespaceStatus',
    },
  },
  NamespaceSpec: {
    about: 'What is wanted of a namespace.',
    fields: {
      finalizers: '[string]',
    },
  },
  NamespaceStatus: {
    about: 'Where a namespace is in its life.',
    fields: {
      conditions: '[NamespaceCondition] map=type merge=type',
      phase: 'string | Active or Terminating.',
    },
  },
  NamespaceCondition: {
    fields: {
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  Node: {
    about: 'A machine that runs pods. Its name is what `spec.nodeName` of pods refers to.',
    root: true,
    fields: {
      spec: 'NodeSpec',
      status: 'NodeStatus',
    },
  },
  NodeSpec: {
    about: 'What is wanted of a node.',
    fields: {
      configSource: 'object',
      externalID: 'string',
      podCIDR: 'string | Addresses for the pods of this node.',
      podCIDRs: '[string] set merge',
      providerID: 'string | What the cloud calls this machine.',
      taints: '[Taint] | Keep pods away that do not tolerate them.',
      unschedulable: 'boolean | True keeps new pods away.',
    },
  },
  Taint: {
    about: 'Keeps pods away from a node unless they tolerate it.',
    fields: {
      effect: 'string! | NoSchedule, PreferNoSchedule or NoExecute.',
      key: 'string!',
      timeAdded: 'time',
      value: 'string',
    },
  },
  NodeStatus: {
    about: 'What a node last reported of itself.',
    fields: {
      addresses: '[NodeAddress] map=type merge=type | Names and addresses of the node.',
      allocatable: '{quantity} | Resources that pods may use.',
      capacity: '{quantity} | All resources of the node.',
      conditions:
        '[NodeCondition] map=type merge=type | Ready, MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable.',
      config: 'object',
      daemonEndpoints: 'NodeDaemonEndpoints',
      declaredFeatures: '[string]',
      features: 'NodeFeatures',
      images: '[ContainerImage] | Images that the node holds.',
      nodeInfo: 'NodeSystemInfo | Versions of kernel, runtime and kubelet.',
      phase: 'string',
      runtimeHandlers: '[NodeRuntimeHandler]',
      volumesAttached: '[AttachedVolume]',
      volumesInUse: '[string]',
    },
  },
  NodeAddress: {
    about: 'An address at which a node is reached.',
    fields: {
      address: 'string!',
      type: 'string!',
    },
  },
  NodeCondition: {
    fields: {
      lastHeartbeatTime: 'time | When the node last said so.',
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  NodeDaemonEndpoints: {
    fields: {
      kubeletEndpoint: 'DaemonEndpoint',
    },
  },
  DaemonEndpoint: {
    fields: {
      Port: 'int32!',
    },
  },
  NodeFeatures: {
    fields: {
      supplementalGroupsPolicy: 'boolean',
    },
  },
  ContainerImage: {
    about: 'An image that a node holds.',
    fields: {
      names: '[string]',
      sizeBytes: 'int64',
    },
  },
  NodeSystemInfo: {
    about: 'Versions and identifiers that a node reports.',
    fields: {
      architecture: 'string!',
      bootID: 'string!',
      containerRuntimeVersion: 'string!',
      kernelVersion: 'string!',
      kubeProxyVersion: 'string!',
      kubeletVersion: 'string!',
      machineID: 'string!',
      operatingSystem: 'string!',
      osImage: 'string!',
      swap: 'NodeSwapStatus',
      systemUUID: 'string!',
    },
  },
  NodeSwapStatus: {
    fields: {
      capacity: 'int64',
    },
  },
  NodeRuntimeHandler: {
    fields: {
      features: 'NodeRuntimeHandlerFeatures',
      name: 'string',
    },
  },
  NodeRuntimeHandlerFeatures: {
    fields: {
      recursiveReadOnlyMounts: 'boolean',
      userNamespaces: 'boolean',
    },
  },
  AttachedVolume: {
    fields: {
      devicePath: 'string!',
      name: 'string!',
    },
  },
});
