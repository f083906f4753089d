import type { KubeObject } from '../../protocol/kube-object.ts';
import type { TableColumn } from '../resource-definition.ts';
import {
  ageColumn,
  ageOf,
  column,
  containerColumns,
  labelsText,
  nameColumn,
  NONE,
  selectorColumn,
  UNKNOWN,
} from './columns.ts';
import { humanDuration } from './durations.ts';
import { conditionOf, fieldsAt, itemsAt, numberAt, scalarText, textAt, valueAt, type Fields } from './read-fields.ts';

const INTEGER = { type: 'integer' } as const;

function count(name: string, description: string, ...path: readonly string[]): TableColumn {
  return column(name, description, (object) => numberAt(object, ...path), INTEGER);
}

const readyColumn = column(
  'Ready',
  'How many pods are ready, out of how many are wanted.',
  (object) => `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`,
);

const templateColumns = [...containerColumns('spec', 'template'), selectorColumn('spec', 'selector')];

/** The columns of `kubectl get deployments`. */
export const deploymentColumns: readonly TableColumn[] = [
  nameColumn,
  readyColumn,
  column('Up-to-date', 'Pods that have the present template.', (object) =>
    numberAt(object, 'status', 'updatedReplicas'),
  ),
  column('Available', 'Pods that were ready long enough.', (object) => numberAt(object, 'status', 'availableReplicas')),
  ageColumn,
  ...templateColumns,
];

const replicaCounts = [
  count('Desired', 'Pods that are wanted.', 'spec', 'replicas'),
  count('Current', 'Pods that there are.', 'status', 'replicas'),
  count('Ready', 'Pods that are ready.', 'status', 'readyReplicas'),
];

/** The columns of `kubectl get replicasets`. */
export const replicaSetColumns: readonly TableColumn[] = [nameColumn, ...replicaCounts, ageColumn, ...templateColumns];

/** The columns of `kubectl get replicationcontrollers`; their selector is plain labels. */
export const replicationControllerColumns: readonly TableColumn[] = [
  nameColumn,
  ...replicaCounts,
  ageColumn,
  ...containerColumns('spec', 'template'),
  column(
    'Selector',
    'Labels of the pods that belong to it.',
    (object) => labelsText(fieldsAt(object, 'spec', 'selector')),
    {
      wide: true,
    },
  ),
];

/** The columns of `kubectl get statefulsets`. */
export const statefulSetColumns: readonly TableColumn[] = [
  nameColumn,
  readyColumn,
  ageColumn,
  ...containerColumns('spec', 'template'),
];

/** The columns of `kubectl get daemonsets`. */
export const daemonSetColumns: readonly TableColumn[] = [
  nameColumn,
  count('Desired', 'Nodes that should run the pod.', 'status', 'desiredNumberScheduled'),
  count('Current', 'Nodes that run the pod.', 'status', 'currentNumberScheduled'),
  count('Ready', 'Nodes whose pod is ready.', 'status', 'numberReady'),
  count('Up-to-date', 'Nodes whose pod has the present template.', 'status', 'updatedNumberScheduled'),
  count('Available', 'Nodes whose pod was ready long enough.', 'status', 'numberAvailable'),
  column('Node Selector', 'Labels of the nodes.', (object) =>
    labelsText(fieldsAt(object, 'spec', 'template', 'spec', 'nodeSelector')),
  ),
  ageColumn,
  ...templateColumns,
];

/** The columns of `kubectl get controllerrevisions`. */
export const controllerRevisionColumns: readonly TableColumn[] = [
  nameColumn,
  column('Controller', 'What the revision belongs to.', (object) => {
    const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner === undefined) return NONE;
    const [group, version] = owner.apiVersion.split('/');
    return `${owner.kind.toLowerCase()}${version === undefined ? '' : `.${group ?? ''}`}/${owner.name}`;
  }),
  count('Revision', 'Number of the revision.', 'revision'),
  ageColumn,
];

/** The columns of `kubectl get jobs`. */
export const jobColumns: readonly TableColumn[] = [
  nameColumn,
  column('Status', 'Whether the job runs, has completed or has failed.', jobStatus),
  column('Completions', 'Pods that have succeeded, out of how many must.', jobCompletions),
  column('Duration', 'How long the job has run.', (object, nowMs) => {
    const [start, end] = [textAt(object, 'status', 'startTime'), textAt(object, 'status', 'completionTime')];
    if (start === '') return '';
    return humanDuration((end === '' ? nowMs : Date.parse(end)) - Date.parse(start));
  }),
  ageColumn,
  ...templateColumns,
];

function jobStatus(job: KubeObject): string {
  const isTrue = (type: string): boolean => conditionOf(job, type)?.['status'] === 'True';
  if (isTrue('Complete')) return 'Complete';
  if (isTrue('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (isTrue('Suspended')) return 'Suspended';
  if (isTrue('FailureTarget')) return 'FailureTarget';
  return isTrue('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobCompletions(job: KubeObject): string {
  const succeeded = numberAt(job, 'status', 'succeeded');
  const completions = valueAt(job, 'spec', 'completions');
  if (typeof completions === 'number') return `${succeeded}/${completions}`;
  const parallelism = numberAt(job, 'spec', 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

/** The columns of `kubectl get cronjobs`. */
export const cronJobColumns: readonly TableColumn[] = [
  nameColumn,
  column('Schedule', 'When jobs are started.', (object) => textAt(object, 'spec', 'schedule')),
  column('Timezone', 'Time zone of the schedule.', (object) => textAt(object, 'spec', 'timeZone') || NONE),
  column(
    'Suspend',
    'Whether no jobs are started.',
    (object) => (valueAt(object, 'spec', 'suspend') === true ? 'True' : 'False'),
    {
      type: 'boolean',
    },
  ),
  column('Active', 'Jobs that run.', (object) => itemsAt(object, 'status', 'active').length, INTEGER),
  column('Last Schedule', 'Time since the last start.', (object, nowMs) => {
    const time = textAt(object, 'status', 'lastScheduleTime');
    return time === '' ? NONE : ageOf(time, nowMs);
  }),
  ageColumn,
  ...containerColumns('spec', 'jobTemplate', 'spec', 'template'),
  selectorColumn('spec', 'jobTemplate', 'spec', 'selector'),
];

/** The columns of `kubectl get horizontalpodautoscalers`. */
export const horizontalPodAutoscalerColumns: readonly TableColumn[] = [
  nameColumn,
  column(
    'Reference',
    'What is scaled.',
    (object) =>
      `${textAt(object, 'spec', 'scaleTargetRef', 'kind')}/${textAt(object, 'spec', 'scaleTargetRef', 'name')}`,
  ),
  column('Targets', 'Measured and wanted values.', scalingTargets),
  column('MinPods', 'Lower bound.', (object) => scalarText(valueAt(object, 'spec', 'minReplicas'), '<unset>')),
  column('MaxPods', 'Upper bound.', (object) => numberAt(object, 'spec', 'maxReplicas')),
  column('Replicas', 'Present number.', (object) => numberAt(object, 'status', 'currentReplicas')),
  ageColumn,
];

/** At most so many measurements are shown; the rest is counted. */
const MAX_TARGETS = 2;

function scalingTargets(autoscaler: KubeObject): string {
  const metrics = itemsAt(autoscaler, 'spec', 'metrics');
  const current = itemsAt(autoscaler, 'status', 'currentMetrics');
  const shown = metrics.slice(0, MAX_TARGETS).map((metric, index) => targetText(metric, current[index]));
  if (shown.length === 0) return NONE;
  const rest = metrics.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` + ${rest} more...` : '');
}

function targetText(metric: Fields, current: Fields | undefined): string {
  const type = textAt(metric, 'type');
  const member = type.charAt(0).toLowerCase() + type.slice(1);
  const target = fieldsAt(metric, member, 'target');
  const now = fieldsAt(current, member, 'current');
  const prefix = type === 'Resource' || type === 'ContainerResource' ? `${textAt(metric, member, 'name')}: ` : '';
  const wantedShare = target['averageUtilization'];
  if (typeof wantedShare === 'number') {
    const share = now['averageUtilization'];
    return `${prefix}${typeof share === 'number' ? `${share}%` : UNKNOWN}/${wantedShare}%`;
  }
  const isAverage = target['averageValue'] !== undefined;
  const wanted = scalarText(target['averageValue'] ?? target['value'], UNKNOWN);
  const measured = now['averageValue'] ?? now['value'];
  return `${prefix}${scalarText(measured, UNKNOWN)}/${wanted}${isAverage ? ' (avg)' : ''}`;
}

/** The columns of `kubectl get poddisruptionbudgets`. */
export const podDisruptionBudgetColumns: readonly TableColumn[] = [
  nameColumn,
  column('Min Available', 'Pods that must stay.', (object) =>
    scalarText(valueAt(object, 'spec', 'minAvailable'), 'N/A'),
  ),
  column('Max Unavailable', 'Pods that may be missing.', (object) =>
    scalarText(valueAt(object, 'spec', 'maxUnavailable'), 'N/A'),
  ),
  count('Allowed Disruptions', 'Evictions that are allowed now.', 'status', 'disruptionsAllowed'),
  ageColumn,
];
