import type { KubeObject } from '../../protocol/kube-object.ts';
import { withDefaults, withField, withItems, withPresentField } from './defaults.ts';
import { itemsAt, textAt, valueAt, type Fields } from './read-fields.ts';

const PROBE_DEFAULTS = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 } as const;
const FILE_MODE = 420;

/** Seconds that a pod stays on a node that is not ready or does not answer, as admission sets them. */
const NODE_PROBLEM_SECONDS = 300;

const NODE_PROBLEM_TOLERATIONS = ['not-ready', 'unreachable'].map((problem) => ({
  key: `node.kubernetes.io/${problem}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: NODE_PROBLEM_SECONDS,
}));

/** Sets the defaults of a pod, and at creation what admission and storage add: tolerations, priority, status. */
export function preparePod(object: KubeObject, old: KubeObject | undefined): KubeObject {
  const pod = withField(object, 'spec', (spec) => withDefaults(podSpecDefaults(spec), { enableServiceLinks: true }));
  if (old !== undefined) return pod;
  const admitted = withField(pod, 'spec', admitSpec);
  return { ...admitted, status: { phase: 'Pending', qosClass: qosClassOf(admitted) } };
}

function admitSpec(spec: Fields): Fields {
  const tolerations = itemsAt(spec, 'tolerations');
  const missing = NODE_PROBLEM_TOLERATIONS.filter(
    ({ key, effect }) => !tolerations.some((one) => tolerates(one, key, effect)),
  );
  const tolerant = missing.length === 0 ? spec : { ...spec, tolerations: [...tolerations, ...missing] };
  return withDefaults(tolerant, { priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
}

function tolerates(toleration: Fields, key: string, effect: string): boolean {
  const hasKey = textAt(toleration, 'key') === '' || toleration['key'] === key;
  return hasKey && (textAt(toleration, 'effect') === '' || toleration['effect'] === effect);
}

/** Defaults of a pod template, in the `template` of a workload's spec. */
export function withTemplateDefaults(spec: Fields): Fields {
  return withPresentField(spec, 'template', (template) => withPresentField(template, 'spec', podSpecDefaults));
}

function podSpecDefaults(spec: Fields): Fields {
  const withContainers = ['initContainers', 'containers', 'ephemeralContainers'].reduce(
    (rest, name) => withItems(rest, name, containerDefaults),
    withItems(spec, 'volumes', volumeDefaults),
  );
  return withDefaults(withContainers, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
}

function containerDefaults(container: Fields): Fields {
  const withLists = withItems(withItems(container, 'ports', portDefaults), 'env', envDefaults);
  const withProbes = ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce(
    (rest, name) => withPresentField(rest, name, probeDefaults),
    withLists,
  );
  return withDefaults(withProbes, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isMovingTag(textAt(container, 'image')) ? 'Always' : 'IfNotPresent',
  });
}

/** Whether an image has the tag `latest` or none at all, and no digest. */
function isMovingTag(image: string): boolean {
  if (image.includes('@')) return false;
  const name = image.slice(image.lastIndexOf('/') + 1);
  return !name.includes(':') || name.endsWith(':latest');
}

function portDefaults(port: Fields): Fields {
  return withDefaults(port, { protocol: 'TCP' });
}

function envDefaults(variable: Fields): Fields {
  return withPresentField(variable, 'valueFrom', (source) =>
    withPresentField(source, 'fieldRef', (reference) => withDefaults(reference, { apiVersion: 'v1' })),
  );
}

function probeDefaults(probe: Fields): Fields {
  const request = withPresentField(probe, 'httpGet', (get) => withDefaults(get, { path: '/', scheme: 'HTTP' }));
  return withDefaults(request, PROBE_DEFAULTS);
}

function volumeDefaults(volume: Fields): Fields {
  const withModes = ['configMap', 'secret', 'downwardAPI', 'projected'].reduce(
    (rest, name) => withPresentField(rest, name, (source) => withDefaults(source, { defaultMode: FILE_MODE })),
    volume,
  );
  const withPath = withPresentField(withModes, 'hostPath', (source) => withDefaults(source, { type: '' }));
  const hasSource = Object.keys(withPath).some((name) => name !== 'name');
  return hasSource ? withPath : { ...withPath, emptyDir: {} };
}

/** Kubernetes documentation, Pod Quality of Service Classes. */
function qosClassOf(pod: KubeObject): string {
  const containers = [...itemsAt(pod, 'spec', 'containers'), ...itemsAt(pod, 'spec', 'initContainers')];
  const amounts = containers.flatMap((container) =>
    ['cpu', 'memory'].map((resource) => {
      const limit = valueAt(container, 'resources', 'limits', resource);
      return { limit, request: valueAt(container, 'resources', 'requests', resource) ?? limit };
    }),
  );
  if (amounts.every(({ limit, request }) => limit === undefined && request === undefined)) return 'BestEffort';
  return amounts.every(({ limit, request }) => limit !== undefined && limit === request) ? 'Guaranteed' : 'Burstable';
}

/** How long a deleted pod has to end: what its spec says; no time where it never reached a node or has ended. */
export function podGracePeriodSeconds(pod: KubeObject): number {
  const phase = textAt(pod, 'status', 'phase');
  const isOnNode = textAt(pod, 'spec', 'nodeName') !== '';
  if (phase === 'Succeeded' || phase === 'Failed' || !isOnNode) return 0;
  const asked = valueAt(pod, 'spec', 'terminationGracePeriodSeconds');
  return typeof asked === 'number' ? asked : 30;
}
