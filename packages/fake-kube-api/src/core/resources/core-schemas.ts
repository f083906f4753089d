import { readSchemas } from './schema-notation.ts';

/** The other resources of the core group. */
export const coreSchemas = readSchemas('io.k8s.api.core.v1', {
  Service: {
    about: 'One stable address in front of the pods that its selector matches.',
    root: true,
    fields: {
      spec: 'ServiceSpec',
      status: 'ServiceStatus',
    },
  },
  ServiceSpec: {
    about: 'How a service is reached, and what stands behind it.',
    fields: {
      allocateLoadBalancerNodePorts: 'boolean',
      clusterIP: 'string | The stable address; `None` makes the service headless.',
      clusterIPs: '[string]',
      externalIPs: '[string] | Further addresses at which nodes accept traffic.',
      externalName: 'string | Name that DNS answers with, for the type ExternalName.',
      externalTrafficPolicy: 'string | Cluster or Local.',
      healthCheckNodePort: 'int32',
      internalTrafficPolicy: 'string | Cluster or Local. Default Cluster.',
      ipFamilies: '[string]',
      ipFamilyPolicy: 'string',
      loadBalancerClass: 'string',
      loadBalancerIP: 'string',
      loadBalancerSourceRanges: '[string]',
      ports: '[ServicePort] map=port,protocol merge=port | Ports of the service.',
      publishNotReadyAddresses: 'boolean',
      selector: '{string} atomicMap | Labels of the pods behind it.',
      sessionAffinity: 'string | None or ClientIP. Default None.',
      sessionAffinityConfig: 'SessionAffinityConfig',
      trafficDistribution: 'string',
      type: 'string | ClusterIP, NodePort, LoadBalancer or ExternalName. Default ClusterIP.',
    },
  },
  ServicePort: {
    about: 'A port of a service.',
    fields: {
      appProtocol: 'string',
      name: 'string | Required when there are several ports.',
      nodePort: 'int32 | Port on every node.',
      port: 'int32! | The port of the service.',
      protocol: 'string default=TCP | TCP, UDP or SCTP. Default TCP.',
      targetPort: 'intOrString | Port or name of a port of the pods. Default: the port of the service.',
    },
  },
  SessionAffinityConfig: {
    fields: {
      clientIP: 'ClientIPConfig',
    },
  },
  ClientIPConfig: {
    fields: {
      timeoutSeconds: 'int32',
    },
  },
  ServiceStatus: {
    about: 'State of a service.',
    fields: {
      conditions: '[meta.Condition] map=type merge=type',
      loadBalancer: 'LoadBalancerStatus',
    },
  },
  LoadBalancerStatus: {
    about: 'State of a load balancer.',
    fields: {
      ingress: '[LoadBalancerIngress]',
    },
  },
  LoadBalancerIngress: {
    about: 'One address of a load balancer.',
    fields: {
      hostname: 'string',
      ip: 'string',
      ipMode: 'string',
      ports: '[PortStatus]',
    },
  },
  PortStatus: {
    fields: {
      error: 'string',
      port: 'int32!',
      protocol: 'string!',
    },
  },
  Endpoints: {
    about: 'Addresses that implement a service. Newer clients read EndpointSlices.',
    root: true,
    fields: {
      subsets: '[EndpointSubset]',
    },
  },
  EndpointSubset: {
    about: 'Addresses that share a set of ports.',
    fields: {
      addresses: '[EndpointAddress]',
      notReadyAddresses: '[EndpointAddress]',
      ports: '[EndpointPort]',
    },
  },
  EndpointAddress: {
    atomic: true,
    fields: {
      hostname: 'string',
      ip: 'string!',
      nodeName: 'string',
      targetRef: 'ObjectReference',
    },
  },
  ObjectReference: {
    about: 'Names any object.',
    atomic: true,
    fields: {
      apiVersion: 'string',
      fieldPath: 'string',
      kind: 'string',
      name: 'string',
      namespace: 'string',
      resourceVersion: 'string',
      uid: 'string',
    },
  },
  EndpointPort: {
    about: 'A port of the addresses.',
    fields: {
      appProtocol: 'string',
      name: 'string',
      port: 'int32!',
      protocol: 'string',
    },
  },
  ConfigMap: {
    about: 'Configuration as names and values.',
    root: true,
    fields: {
      binaryData: '{bytes} | Names and bytes, base64.',
      data: '{string} | Names and texts.',
      immutable: 'boolean | True refuses every further change of the data.',
    },
  },
  Secret: {
    about: 'Values that should not be read by everybody; base64 on the wire.',
    root: true,
    fields: {
      data: '{bytes} | Names and bytes, base64.',
      immutable: 'boolean | True refuses every further change of the data.',
      stringData: '{string} | Names and texts; written into `data`, never read back.',
      type: 'string | What the data is for. Default Opaque.',
    },
  },
  Event: {
    about: 'Something that happened to an object.',
    root: true,
    fields: {
      action: 'string',
      count: 'int32 | How often it happened.',
      eventTime: 'microTime | When it was first seen.',
      firstTimestamp: 'time | When it happened first.',
      involvedObject: 'ObjectReference! | What the event is about.',
      lastTimestamp: 'time | When it happened last.',
      message: 'string | What happened.',
      reason: 'string | Why it happened, in one word.',
      related: 'ObjectReference',
      reportingComponent: 'string',
      reportingInstance: 'string',
      series: 'EventSeries',
      source: 'EventSource | Who reported it.',
      type: 'string | Normal or Warning.',
    },
  },
  EventSeries: {
    about: 'How often an event came again.',
    fields: {
      count: 'int32',
      lastObservedTime: 'microTime',
    },
  },
  EventSource: {
    about: 'Who reported an event.',
    fields: {
      component: 'string',
      host: 'string',
    },
  },
  ServiceAccount: {
    about: 'An identity for the processes of pods.',
    root: true,
    fields: {
      automountServiceAccountToken: 'boolean',
      imagePullSecrets: '[LocalObjectReference]',
      secrets: '[ObjectReference] map=name merge=name',
    },
  },
  ResourceQuota: {
    about: 'Limits what a namespace may use altogether.',
    root: true,
    fields: {
      spec: 'ResourceQuotaSpec',
      status: 'ResourceQuotaStatus',
    },
  },
  ResourceQuotaSpec: {
    about: 'The limits.',
    fields: {
      hard: '{quantity}',
      scopeSelector: 'ScopeSelector',
      scopes: '[string]',
    },
  },
  ScopeSelector: {
    atomic: true,
    fields: {
      matchExpressions: '[ScopedResourceSelectorRequirement]',
    },
  },
  ScopedResourceSelectorRequirement: {
    atomic: true,
    fields: {
      operator: 'string!',
      scopeName: 'string!',
      values: '[string]',
    },
  },
  ResourceQuotaStatus: {
    about: 'The limits and what is used of them.',
    fields: {
      hard: '{quantity}',
      used: '{quantity}',
    },
  },
  LimitRange: {
    about: 'Limits and defaults of single pods, containers and claims.',
    root: true,
    fields: {
      spec: 'LimitRangeSpec',
    },
  },
  LimitRangeSpec: {
    fields: {
      limits: '[LimitRangeItem]!',
    },
  },
  LimitRangeItem: {
    about: 'Limits of one type of object.',
    fields: {
      default: '{quantity}',
      defaultRequest: '{quantity}',
      max: '{quantity}',
      maxLimitRequestRatio: '{quantity}',
      min: '{quantity}',
      type: 'string!',
    },
  },
  ReplicationController: {
    about: 'Keeps a number of pods running. Deployments have taken its place.',
    root: true,
    fields: {
      spec: 'ReplicationControllerSpec',
      status: 'ReplicationControllerStatus',
    },
  },
  ReplicationControllerSpec: {
    about: 'The pods that are wanted.',
    fields: {
      minReadySeconds: 'int32 | Seconds that a pod must be ready to count as available. Default 0.',
      replicas: 'int32 | How many pods are wanted. Default 1.',
      selector: "{string} atomicMap | Which pods belong to it; it must match the template's labels and never changes.",
      template: 'PodTemplateSpec | Pods are made after this.',
    },
  },
  ReplicationControllerStatus: {
    about: 'The pods that there are.',
    fields: {
      availableReplicas: 'int32 | Pods that were ready long enough.',
      conditions: '[ReplicationControllerCondition] map=type merge=type',
      fullyLabeledReplicas: 'int32',
      observedGeneration: 'int64 | Generation that this status is about.',
      readyReplicas: 'int32 | Pods that are ready.',
      replicas: 'int32! | Pods of the deployment.',
    },
  },
  ReplicationControllerCondition: {
    fields: {
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
});
