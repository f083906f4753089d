import { readSchemas } from './schema-notation.ts';

/** Pods, and how they are scheduled. */
export const podSchemas = readSchemas('io.k8s.api.core.v1', {
  Pod: {
    about: 'A group of containers that are scheduled together on one node and share network and volumes.',
    root: true,
    fields: {
      spec: 'PodSpec',
      status: 'PodStatus',
    },
  },
  PodSpec: {
    about: 'What a pod should run, and how.',
    fields: {
      activeDeadlineSeconds: 'int64 | Seconds that the pod may run.',
      affinity: 'Affinity | Rules of where the pod should run.',
      automountServiceAccountToken: 'boolean | Whether a token of the service account is mounted.',
      containers:
        '[Container]! map=name merge=name | The programs of the pod: at least one, fixed at creation but for their images.',
      dnsConfig: 'PodDNSConfig | DNS settings beside those of the policy.',
      dnsPolicy: 'string | ClusterFirst, ClusterFirstWithHostNet, Default or None. Default ClusterFirst.',
      enableServiceLinks: 'boolean | Variables for the services of the namespace. Default true.',
      ephemeralContainers: '[EphemeralContainer] map=name merge=name | Added for debugging while the pod runs.',
      hostAliases: '[HostAlias] map=ip merge=ip | Lines for /etc/hosts.',
      hostIPC: 'boolean | Share memory segments with the node.',
      hostNetwork: 'boolean | Use the network of the node.',
      hostPID: 'boolean | See the processes of the node.',
      hostUsers: 'boolean',
      hostname: "string | Host name inside of the pod. Default: the pod's name.",
      hostnameOverride: 'string',
      imagePullSecrets:
        '[LocalObjectReference] map=name merge=name | Secrets that hold credentials of image registries.',
      initContainers: '[Container] map=name merge=name | Run one after the other, before the containers start.',
      nodeName: 'string | The node that runs the pod; set by the scheduler.',
      nodeSelector: '{string} atomicMap | Labels that the node must have.',
      os: 'PodOS | The operating system that the pod needs.',
      overhead: '{quantity} | What the runtime itself needs.',
      preemptionPolicy: 'string | Never or PreemptLowerPriority.',
      priority: 'int32 | The higher, the sooner scheduled; set from the class.',
      priorityClassName: 'string | Names the priority.',
      readinessGates: '[PodReadinessGate] | Further conditions for the pod to be ready.',
      resourceClaims: '[PodResourceClaim] map=name merge,retainKeys=name',
      resources: 'ResourceRequirements | Resources of the pod as a whole.',
      restartPolicy: 'string | Always, OnFailure or Never. Default Always.',
      runtimeClassName: 'string | Which container runtime runs the pod.',
      schedulerName: 'string | Who schedules the pod.',
      schedulingGates: '[PodSchedulingGate] map=name merge=name | While there are any, the pod is not scheduled.',
      schedulingGroup: 'PodSchedulingGroup',
      securityContext: 'PodSecurityContext | Security settings of all containers.',
      serviceAccount: 'string | Former name of `serviceAccountName`.',
      serviceAccountName: 'string | The identity of the pod.',
      setHostnameAsFQDN: 'boolean',
      shareProcessNamespace: "boolean | The containers see each other's processes.",
      subdomain: "string | Makes the pod's full name part of this service's domain.",
      terminationGracePeriodSeconds: 'int64 | Seconds between the request to stop and the kill. Default 30.',
      tolerations: '[Toleration] | Taints that the pod puts up with.',
      topologySpreadConstraints:
        '[TopologySpreadConstraint] map=topologyKey,whenUnsatisfiable merge=topologyKey | How pods are spread over zones and nodes.',
      volumes: '[Volume] map=name merge,retainKeys=name | Folders that the containers can mount.',
    },
  },
  Affinity: {
    about: 'Rules of where a pod should and should not run.',
    fields: {
      nodeAffinity: 'NodeAffinity',
      podAffinity: 'PodAffinity',
      podAntiAffinity: 'PodAntiAffinity',
    },
  },
  NodeAffinity: {
    about: 'Rules about nodes.',
    fields: {
      preferredDuringSchedulingIgnoredDuringExecution: '[PreferredSchedulingTerm]',
      requiredDuringSchedulingIgnoredDuringExecution: 'NodeSelector',
    },
  },
  PreferredSchedulingTerm: {
    fields: {
      preference: 'NodeSelectorTerm!',
      weight: 'int32!',
    },
  },
  NodeSelectorTerm: {
    about: 'Requirements that all must match.',
    atomic: true,
    fields: {
      matchExpressions: '[NodeSelectorRequirement]',
      matchFields: '[NodeSelectorRequirement]',
    },
  },
  NodeSelectorRequirement: {
    fields: {
      key: 'string!',
      operator: 'string!',
      values: '[string]',
    },
  },
  NodeSelector: {
    about: 'Terms of which one must match.',
    atomic: true,
    fields: {
      nodeSelectorTerms: '[NodeSelectorTerm]!',
    },
  },
  PodAffinity: {
    about: 'Rules about being near other pods.',
    fields: {
      preferredDuringSchedulingIgnoredDuringExecution: '[WeightedPodAffinityTerm]',
      requiredDuringSchedulingIgnoredDuringExecution: '[PodAffinityTerm]',
    },
  },
  WeightedPodAffinityTerm: {
    fields: {
      podAffinityTerm: 'PodAffinityTerm!',
      weight: 'int32!',
    },
  },
  PodAffinityTerm: {
    about: 'A set of pods to be near to or away from.',
    fields: {
      labelSelector: 'meta.LabelSelector',
      matchLabelKeys: '[string]',
      mismatchLabelKeys: '[string]',
      namespaceSelector: 'meta.LabelSelector',
      namespaces: '[string]',
      topologyKey: 'string!',
    },
  },
  PodAntiAffinity: {
    about: 'Rules about being away from other pods.',
    fields: {
      preferredDuringSchedulingIgnoredDuringExecution: '[WeightedPodAffinityTerm]',
      requiredDuringSchedulingIgnoredDuringExecution: '[PodAffinityTerm]',
    },
  },
  PodDNSConfig: {
    about: 'DNS settings beside those of `dnsPolicy`.',
    fields: {
      nameservers: '[string]',
      options: '[PodDNSConfigOption]',
      searches: '[string]',
    },
  },
  PodDNSConfigOption: {
    fields: {
      name: 'string',
      value: 'string',
    },
  },
  HostAlias: {
    fields: {
      hostnames: '[string]',
      ip: 'string!',
    },
  },
  LocalObjectReference: {
    about: 'Names an object of the same namespace.',
    atomic: true,
    fields: {
      name: 'string',
    },
  },
  PodOS: {
    fields: {
      name: 'string!',
    },
  },
  PodReadinessGate: {
    fields: {
      conditionType: 'string!',
    },
  },
  PodResourceClaim: {
    fields: {
      name: 'string!',
      resourceClaimName: 'string',
      resourceClaimTemplateName: 'string',
    },
  },
  PodSchedulingGate: {
    fields: {
      name: 'string!',
    },
  },
  PodSchedulingGroup: {
    fields: {
      podGroupName: 'string',
    },
  },
  PodSecurityContext: {
    about: 'Security settings of all containers of a pod.',
    fields: {
      appArmorProfile: 'AppArmorProfile',
      fsGroup: 'int64 | Group that owns the volumes.',
      fsGroupChangePolicy: 'string',
      runAsGroup: 'int64',
      runAsNonRoot: 'boolean | Refuse to run as root.',
      runAsUser: 'int64 | User id of all programs.',
      seLinuxChangePolicy: 'string',
      seLinuxOptions: 'SELinuxOptions',
      seccompProfile: 'SeccompProfile',
      supplementalGroups: '[int64]',
      supplementalGroupsPolicy: 'string',
      sysctls: '[Sysctl]',
      windowsOptions: 'WindowsSecurityContextOptions',
    },
  },
  Sysctl: {
    fields: {
      name: 'string!',
      value: 'string!',
    },
  },
  Toleration: {
    about: 'Lets a pod onto nodes with matching taints.',
    fields: {
      effect: 'string',
      key: 'string',
      operator: 'string',
      tolerationSeconds: 'int64',
      value: 'string',
    },
  },
  TopologySpreadConstraint: {
    about: 'How evenly matching pods are spread.',
    fields: {
      labelSelector: 'meta.LabelSelector',
      matchLabelKeys: '[string]',
      maxSkew: 'int32!',
      minDomains: 'int32',
      nodeAffinityPolicy: 'string',
      nodeTaintsPolicy: 'string',
      topologyKey: 'string!',
      whenUnsatisfiable: 'string!',
    },
  },
  PodTemplateSpec: {
    about: 'Pods are made after this.',
    fields: {
      metadata: 'meta.ObjectMeta | Labels and annotations of the pods.',
      spec: 'PodSpec | What the pods run.',
    },
  },
});
