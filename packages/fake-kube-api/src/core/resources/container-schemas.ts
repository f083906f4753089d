import { readSchemas } from './schema-notation.ts';

/** Containers of pods. */
export const containerSchemas = readSchemas('io.k8s.api.core.v1', {
  Container: {
    about: 'One program of a pod.',
    fields: {
      args: '[string] | Replaces the arguments of the image.',
      command: '[string] | Replaces the entry point of the image.',
      env: '[EnvVar] map=name merge=name | Variables of the environment.',
      envFrom: '[EnvFromSource] | Variables from whole ConfigMaps and Secrets.',
      image: 'string | The image to run.',
      imagePullPolicy: 'string | Always, IfNotPresent or Never. Default Always for the tag latest, else IfNotPresent.',
      lifecycle: 'Lifecycle | Hooks after the start and before the stop.',
      livenessProbe: 'Probe | When it fails, the container is restarted.',
      name: 'string! | Unique within the pod; a DNS label.',
      ports: '[ContainerPort] map=containerPort,protocol merge=containerPort | Ports that the program listens on.',
      readinessProbe: 'Probe | While it fails, services send nothing to the pod.',
      resizePolicy: '[ContainerResizePolicy] | Whether a change of resources restarts the container.',
      resources: 'ResourceRequirements | CPU, memory and other resources.',
      restartPolicy: 'string | `Always` makes an init container run beside the others.',
      restartPolicyRules: '[ContainerRestartRule]',
      securityContext: 'SecurityContext | Security settings of this container.',
      startupProbe: 'Probe | Until it succeeds, the other probes wait.',
      stdin: 'boolean | Keep standard input open.',
      stdinOnce: 'boolean | Close standard input after the first client.',
      terminationMessagePath: 'string | File whose content becomes the message of the ended container.',
      terminationMessagePolicy: 'string | File or FallbackToLogsOnError. Default File.',
      tty: 'boolean | Give the program a terminal.',
      volumeDevices: '[VolumeDevice] map=devicePath merge=devicePath | Where block devices appear.',
      volumeMounts: '[VolumeMount] map=mountPath merge=mountPath | Where volumes appear.',
      workingDir: 'string | Folder in which the program starts.',
    },
  },
  EnvVar: {
    about: 'A variable in the environment of a container.',
    fields: {
      name: 'string! | Name of the variable.',
      value: 'string | The value; `$(NAME)` is replaced by other variables.',
      valueFrom: 'EnvVarSource | Takes the value from elsewhere.',
    },
  },
  EnvVarSource: {
    about: 'Where the value of a variable comes from; exactly one member is set.',
    fields: {
      configMapKeyRef: 'ConfigMapKeySelector | An entry of a ConfigMap.',
      fieldRef: 'ObjectFieldSelector | A field of the pod.',
      fileKeyRef: 'FileKeySelector',
      resourceFieldRef: 'ResourceFieldSelector | A limit or request of a container.',
      secretKeyRef: 'SecretKeySelector | An entry of a Secret.',
    },
  },
  ConfigMapKeySelector: {
    atomic: true,
    fields: {
      key: 'string!',
      name: 'string',
      optional: 'boolean',
    },
  },
  ObjectFieldSelector: {
    atomic: true,
    fields: {
      apiVersion: 'string',
      fieldPath: 'string!',
    },
  },
  FileKeySelector: {
    atomic: true,
    fields: {
      key: 'string!',
      optional: 'boolean',
      path: 'string!',
      volumeName: 'string!',
    },
  },
  ResourceFieldSelector: {
    atomic: true,
    fields: {
      containerName: 'string',
      divisor: 'quantity',
      resource: 'string!',
    },
  },
  SecretKeySelector: {
    atomic: true,
    fields: {
      key: 'string!',
      name: 'string',
      optional: 'boolean',
    },
  },
  EnvFromSource: {
    about: 'A whole ConfigMap or Secret as variables.',
    fields: {
      configMapRef: 'ConfigMapEnvSource',
      prefix: 'string',
      secretRef: 'SecretEnvSource',
    },
  },
  ConfigMapEnvSource: {
    fields: {
      name: 'string',
      optional: 'boolean',
    },
  },
  SecretEnvSource: {
    fields: {
      name: 'string',
      optional: 'boolean',
    },
  },
  Lifecycle: {
    about: 'What happens around start and stop of a container.',
    fields: {
      postStart: 'LifecycleHandler',
      preStop: 'LifecycleHandler',
      stopSignal: 'string',
    },
  },
  LifecycleHandler: {
    about: 'One action of a hook; exactly one member is set.',
    fields: {
      exec: 'ExecAction',
      httpGet: 'HTTPGetAction',
      sleep: 'SleepAction',
      tcpSocket: 'TCPSocketAction',
    },
  },
  ExecAction: {
    about: 'A command that runs inside of the container.',
    fields: {
      command: '[string]',
    },
  },
  HTTPGetAction: {
    about: 'An HTTP GET request.',
    fields: {
      host: 'string',
      httpHeaders: '[HTTPHeader]',
      path: 'string',
      port: 'intOrString!',
      scheme: 'string',
    },
  },
  HTTPHeader: {
    fields: {
      name: 'string!',
      value: 'string!',
    },
  },
  SleepAction: {
    fields: {
      seconds: 'int64!',
    },
  },
  TCPSocketAction: {
    about: 'A TCP connection that is opened and closed again.',
    fields: {
      host: 'string',
      port: 'intOrString!',
    },
  },
  Probe: {
    about: 'A check that the node runs against a container.',
    fields: {
      exec: 'ExecAction | Checks by a command.',
      failureThreshold: 'int32 | Failures in a row that count as failure. Default 3.',
      grpc: 'GRPCAction | Checks by the gRPC health service.',
      httpGet: 'HTTPGetAction | Checks by an HTTP request.',
      initialDelaySeconds: 'int32 | Seconds before the first check.',
      periodSeconds: 'int32 | Seconds between checks. Default 10.',
      successThreshold: 'int32 | Successes in a row that count as success. Default 1.',
      tcpSocket: 'TCPSocketAction | Checks by a TCP connection.',
      terminationGracePeriodSeconds: 'int64',
      timeoutSeconds: 'int32 | Seconds after which a check has failed. Default 1.',
    },
  },
  GRPCAction: {
    about: 'A call of the gRPC health service.',
    fields: {
      port: 'int32!',
      service: 'string',
    },
  },
  ContainerPort: {
    about: 'A port that a container listens on.',
    fields: {
      containerPort: 'int32! | The port, from 1 to 65535.',
      hostIP: 'string | Address of the node for `hostPort`.',
      hostPort: 'int32 | The same port on the node.',
      name: 'string | A name that services can refer to.',
      protocol: 'string default=TCP | TCP, UDP or SCTP. Default TCP.',
    },
  },
  ContainerResizePolicy: {
    fields: {
      resourceName: 'string!',
      restartPolicy: 'string!',
    },
  },
  ResourceRequirements: {
    about: 'Compute resources that a container asks for and may use.',
    fields: {
      claims: '[ResourceClaim] map=name',
      limits: '{quantity} | What the container may use at most.',
      requests: '{quantity} | What is set aside for the container.',
    },
  },
  ResourceClaim: {
    fields: {
      name: 'string!',
      request: 'string',
    },
  },
  ContainerRestartRule: {
    fields: {
      action: 'string!',
      exitCodes: 'ContainerRestartRuleOnExitCodes',
    },
  },
  ContainerRestartRuleOnExitCodes: {
    fields: {
      operator: 'string!',
      values: '[int32]',
    },
  },
  SecurityContext: {
    about: 'Security settings of one container; they override those of the pod.',
    fields: {
      allowPrivilegeEscalation: 'boolean | Whether a process may gain more rights than its parent.',
      appArmorProfile: 'AppArmorProfile',
      capabilities: 'Capabilities | Linux capabilities to add and to drop.',
      privileged: 'boolean | Run as if it were root on the node.',
      procMount: 'string',
      readOnlyRootFilesystem: 'boolean | The root file system takes no writes.',
      runAsGroup: 'int64 | Group id of the program.',
      runAsNonRoot: 'boolean | Refuse to run as root.',
      runAsUser: 'int64 | User id of the program.',
      seLinuxOptions: 'SELinuxOptions',
      seccompProfile: 'SeccompProfile',
      windowsOptions: 'WindowsSecurityContextOptions',
    },
  },
  AppArmorProfile: {
    fields: {
      localhostProfile: 'string',
      type: 'string!',
    },
  },
  Capabilities: {
    fields: {
      add: '[string]',
      drop: '[string]',
    },
  },
  SELinuxOptions: {
    fields: {
      level: 'string',
      role: 'string',
      type: 'string',
      user: 'string',
    },
  },
  SeccompProfile: {
    fields: {
      localhostProfile: 'string',
      type: 'string!',
    },
  },
  WindowsSecurityContextOptions: {
    fields: {
      gmsaCredentialSpec: 'string',
      gmsaCredentialSpecName: 'string',
      hostProcess: 'boolean',
      runAsUserName: 'string',
    },
  },
  VolumeDevice: {
    fields: {
      devicePath: 'string!',
      name: 'string!',
    },
  },
  VolumeMount: {
    about: 'Where a volume appears in a container.',
    fields: {
      mountPath: 'string! | Path inside of the container.',
      mountPropagation: 'string',
      name: 'string! | Name of the volume.',
      readOnly: 'boolean | Mount without writing. Default false.',
      recursiveReadOnly: 'string',
      subPath: 'string | Path inside of the volume.',
      subPathExpr: 'string',
    },
  },
  EphemeralContainer: {
    about: 'A container that is added to a running pod for debugging.',
    fields: {
      args: '[string] | Replaces the arguments of the image.',
      command: '[string] | Replaces the entry point of the image.',
      env: '[EnvVar] map=name merge=name | Variables of the environment.',
      envFrom: '[EnvFromSource] | Variables from whole ConfigMaps and Secrets.',
      image: 'string | The image to run.',
      imagePullPolicy: 'string | Always, IfNotPresent or Never. Default Always for the tag latest, else IfNotPresent.',
      lifecycle: 'Lifecycle | Hooks after the start and before the stop.',
      livenessProbe: 'Probe | When it fails, the container is restarted.',
      name: 'string! | Unique within the pod; a DNS label.',
      ports: '[ContainerPort] map=containerPort,protocol merge=containerPort | Ports that the program listens on.',
      readinessProbe: 'Probe | While it fails, services send nothing to the pod.',
      resizePolicy: '[ContainerResizePolicy] | Whether a change of resources restarts the container.',
      resources: 'ResourceRequirements | CPU, memory and other resources.',
      restartPolicy: 'string | `Always` makes an init container run beside the others.',
      restartPolicyRules: '[ContainerRestartRule]',
      securityContext: 'SecurityContext | Security settings of this container.',
      startupProbe: 'Probe | Until it succeeds, the other probes wait.',
      stdin: 'boolean | Keep standard input open.',
      stdinOnce: 'boolean | Close standard input after the first client.',
      targetContainerName: 'string',
      terminationMessagePath: 'string | File whose content becomes the message of the ended container.',
      terminationMessagePolicy: 'string | File or FallbackToLogsOnError. Default File.',
      tty: 'boolean | Give the program a terminal.',
      volumeDevices: '[VolumeDevice] map=devicePath merge=devicePath | Where block devices appear.',
      volumeMounts: '[VolumeMount] map=mountPath merge=mountPath | Where volumes appear.',
      workingDir: 'string | Folder in which the program starts.',
    },
  },
});
