import type { KubeObject } from '../../protocol/kube-object.ts';
import { withDefaults, withField, withItems, withPresentField } from './defaults.ts';
import { withTemplateDefaults } from './pod-defaults.ts';
import { fieldsAt, textAt, valueAt, type Fields } from './read-fields.ts';

type Prepare = (object: KubeObject, old: KubeObject | undefined) => KubeObject;

/** Changes the spec of every write, and at creation sets the status with which such an object begins. */
export function specDefaults(change: (spec: Fields) => Fields, initialStatus: Fields | undefined): Prepare {
  return (object, old) => {
    const prepared = withField(object, 'spec', change);
    return old === undefined && initialStatus !== undefined ? { ...prepared, status: initialStatus } : prepared;
  };
}

/** Gives an object at creation the status with which it begins, and changes nothing else. */
export function statusAtCreation(initialStatus: Fields): Prepare {
  return (object, old) => (old === undefined ? { ...object, status: initialStatus } : object);
}

/** One replica, rolling updates by a quarter, ten old revisions. */
export const prepareDeployment = specDefaults(
  (spec) =>
    withDefaults(
      withField(withTemplateDefaults(spec), 'strategy', (strategy) =>
        updateDefaults(strategy, { maxUnavailable: '25%', maxSurge: '25%' }),
      ),
      { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
    ),
  {},
);

/** One replica. */
export const prepareReplicaSet = specDefaults((spec) => withDefaults(withTemplateDefaults(spec), { replicas: 1 }), {
  replicas: 0,
});

/** Rolling updates of one node at a time, ten old revisions. */
export const prepareDaemonSet = specDefaults(
  (spec) =>
    withDefaults(
      withField(withTemplateDefaults(spec), 'updateStrategy', (strategy) =>
        updateDefaults(strategy, { maxUnavailable: 1, maxSurge: 0 }),
      ),
      { revisionHistoryLimit: 10 },
    ),
  { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
);

/** One replica, ordered pods, ten old revisions, claims that stay. */
export const prepareStatefulSet = specDefaults(
  (spec) =>
    withDefaults(
      withItems(
        withField(withTemplateDefaults(spec), 'updateStrategy', (strategy) =>
          updateDefaults(strategy, { partition: 0 }),
        ),
        'volumeClaimTemplates',
        claimTemplateDefaults,
      ),
      {
        replicas: 1,
        podManagementPolicy: 'OrderedReady',
        revisionHistoryLimit: 10,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      },
    ),
  { replicas: 0, availableReplicas: 0 },
);

/** The type RollingUpdate unless another is named, and its bounds where it is used. */
function updateDefaults(strategy: Fields, rollingUpdate: Fields): Fields {
  const typed = withDefaults(strategy, { type: 'RollingUpdate' });
  if (typed['type'] !== 'RollingUpdate') return typed;
  return withField(typed, 'rollingUpdate', (bounds) => withDefaults(bounds, rollingUpdate));
}

function claimTemplateDefaults(claim: Fields): Fields {
  const typed = withDefaults(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } });
  return withField(typed, 'spec', claimSpecDefaults);
}

/** Defaults of a claim's spec. */
export function claimSpecDefaults(spec: Fields): Fields {
  return withDefaults(spec, { volumeMode: 'Filesystem' });
}

/** A controller without selector or labels takes those of its template. */
export const prepareReplicationController: Prepare = (object, old) => {
  const labels = fieldsAt(object, 'spec', 'template', 'metadata', 'labels');
  const hasLabels = Object.keys(labels).length > 0;
  const prepared = specDefaults(
    (spec) => withDefaults(withTemplateDefaults(spec), { replicas: 1, ...(hasLabels ? { selector: labels } : {}) }),
    { replicas: 0 },
  )(object, old);
  if (prepared.metadata.labels !== undefined || !hasLabels) return prepared;
  return { ...prepared, metadata: { ...prepared.metadata, labels: labels as Readonly<Record<string, string>> } };
};

/** A job that does not select pods by hand is given a selector of its own by its uid. */
export const prepareJob: Prepare = (object, old) => {
  const prepared = specDefaults(jobSpecDefaults, {})(object, old);
  if (old !== undefined || valueAt(prepared, 'spec', 'manualSelector') === true) return prepared;
  const { uid, name } = object.metadata;
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  return withField(prepared, 'spec', (spec) => ({
    ...withPresentField(spec, 'template', (template) =>
      withField(template, 'metadata', (metadata) => withField(metadata, 'labels', (own) => ({ ...own, ...labels }))),
    ),
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
  }));
};

function jobSpecDefaults(spec: Fields): Fields {
  const isOpenEnded = spec['completions'] === undefined && spec['parallelism'] !== undefined;
  return withDefaults(withTemplateDefaults(spec), {
    parallelism: 1,
    ...(isOpenEnded ? {} : { completions: 1 }),
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  });
}

/** Jobs that may overlap; three successful ones and one failed are kept. */
export const prepareCronJob = specDefaults(
  (spec) =>
    withDefaults(
      withPresentField(spec, 'jobTemplate', (template) => withPresentField(template, 'spec', withTemplateDefaults)),
      { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
    ),
  {},
);

/** From one replica, by 80 % of the requested CPU. */
export const prepareHorizontalPodAutoscaler = specDefaults(
  (spec) =>
    withDefaults(spec, {
      minReplicas: 1,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    }),
  { desiredReplicas: 0, currentMetrics: null },
);

/** The policy types follow from the rules that are there. */
export const prepareNetworkPolicy = specDefaults(
  (spec) => withDefaults(spec, { policyTypes: spec['egress'] === undefined ? ['Ingress'] : ['Ingress', 'Egress'] }),
  undefined,
);

/** Subjects and roles of bindings are of the group of RBAC; service accounts are of the core group. */
export const prepareBinding: Prepare = (object) => {
  const group = 'rbac.authorization.k8s.io';
  const withRole = withPresentField(object, 'roleRef', (role) => withDefaults(role, { apiGroup: group }));
  return withItems(withRole, 'subjects', (subject) =>
    textAt(subject, 'kind') === 'ServiceAccount' ? subject : withDefaults(subject, { apiGroup: group }),
  ) as KubeObject;
};
