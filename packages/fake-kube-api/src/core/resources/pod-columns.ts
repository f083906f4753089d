import type { KubeObject } from '../../protocol/kube-object.ts';
import type { TableColumn } from '../resource-definition.ts';
import { ageColumn, ageOf, column, nameColumn, NONE } from './columns.ts';
import { conditionOf, fieldsAt, itemsAt, numberAt, textAt, valueAt, type Fields } from './read-fields.ts';

/** The pod's node was lost, and nobody knows what it does. */
const NODE_LOST = 'NodeLost';

/** The columns of `kubectl get pods` (k8s.io/kubernetes, `printPod`). */
export const podColumns: readonly TableColumn[] = [
  nameColumn,
  column('Ready', 'How many containers of the pod are ready, out of how many.', (pod) => {
    const { ready, total } = podSummary(pod);
    return `${ready}/${total}`;
  }),
  column('Status', 'What the containers of the pod do together.', (pod) => podSummary(pod).reason),
  column('Restarts', 'How often containers were restarted, and when one was last.', (pod, nowMs) => {
    const { restarts, lastRestartAt } = podSummary(pod);
    return restarts === 0 || lastRestartAt === ''
      ? String(restarts)
      : `${restarts} (${ageOf(lastRestartAt, nowMs)} ago)`;
  }),
  ageColumn,
  column(
    'IP',
    'Address of the pod.',
    (pod) => textAt(itemsAt(pod, 'status', 'podIPs')[0], 'ip') || textAt(pod, 'status', 'podIP') || NONE,
    {
      wide: true,
    },
  ),
  column('Node', 'The node that runs the pod.', (pod) => textAt(pod, 'spec', 'nodeName') || NONE, { wide: true }),
  column(
    'Nominated Node',
    'Where room is being made for the pod.',
    (pod) => textAt(pod, 'status', 'nominatedNodeName') || NONE,
    {
      wide: true,
    },
  ),
  column('Readiness Gates', 'How many further conditions of readiness hold, out of how many.', readinessGates, {
    wide: true,
  }),
];

interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly restarts: number;
  /** RFC 3339, empty when nothing was restarted. */
  readonly lastRestartAt: string;
  readonly reason: string;
}

/** What one line says of a pod: init containers first, then the containers, then a deletion. */
function podSummary(pod: KubeObject): PodSummary {
  const sidecars = new Set(
    itemsAt(pod, 'spec', 'initContainers')
      .filter((container) => container['restartPolicy'] === 'Always')
      .map((container) => textAt(container, 'name')),
  );
  const initStatuses = itemsAt(pod, 'status', 'initContainerStatuses');
  const statuses = itemsAt(pod, 'status', 'containerStatuses');
  const sidecarStatuses = initStatuses.filter((status) => sidecars.has(textAt(status, 'name')));
  const total = itemsAt(pod, 'spec', 'containers').length + sidecars.size;
  const initReason = initialisationReason(pod, initStatuses, sidecars);
  const counted = initReason === undefined ? [...sidecarStatuses, ...statuses] : initStatuses;
  const isInitialised = initReason === undefined || isConditionTrue(pod, 'Initialized');
  const shown = isInitialised ? [...sidecarStatuses, ...statuses] : counted;
  const containers = isInitialised ? containersReason(pod, statuses) : undefined;
  const ready = [...sidecarStatuses, ...statuses].filter(
    (status) => status['ready'] === true && valueAt(status, 'state', 'running') !== undefined,
  ).length;
  return {
    ready,
    total,
    restarts: shown.reduce((sum, status) => sum + numberAt(status, 'restartCount'), 0),
    lastRestartAt:
      shown
        .map((status) => textAt(status, 'lastState', 'terminated', 'finishedAt'))
        .toSorted()
        .at(-1) ?? '',
    reason: deletionReason(pod) ?? containers ?? initReason ?? phaseReason(pod),
  };
}

function phaseReason(pod: KubeObject): string {
  const scheduled = conditionOf(pod, 'PodScheduled');
  const isGated = scheduled?.['reason'] === 'SchedulingGated';
  return textAt(pod, 'status', 'reason') || (isGated ? 'SchedulingGated' : textAt(pod, 'status', 'phase'));
}

function deletionReason(pod: KubeObject): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined) return undefined;
  if (textAt(pod, 'status', 'reason') === NODE_LOST) return 'Unknown';
  const phase = textAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed' ? undefined : 'Terminating';
}

function initialisationReason(
  pod: KubeObject,
  statuses: readonly Fields[],
  sidecars: ReadonlySet<string>,
): string | undefined {
  const total = itemsAt(pod, 'spec', 'initContainers').length;
  for (const [index, status] of statuses.entries()) {
    const terminated = valueAt(status, 'state', 'terminated');
    if (terminated !== undefined && numberAt(terminated, 'exitCode') === 0) continue;
    if (sidecars.has(textAt(status, 'name')) && status['started'] === true) continue;
    if (terminated !== undefined) return `Init:${terminationReason(fieldsAt(status, 'state', 'terminated'))}`;
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    return waiting === '' || waiting === 'PodInitializing' ? `Init:${index}/${total}` : `Init:${waiting}`;
  }
  return undefined;
}

function containersReason(pod: KubeObject, statuses: readonly Fields[]): string | undefined {
  let reason: string | undefined;
  let hasRunning = false;
  for (const status of statuses.toReversed()) {
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    const terminated = valueAt(status, 'state', 'terminated');
    if (waiting !== '') reason = waiting;
    else if (terminated !== undefined) reason = terminationReason(fieldsAt(status, 'state', 'terminated'));
    else if (status['ready'] === true && valueAt(status, 'state', 'running') !== undefined) hasRunning = true;
  }
  if (reason !== 'Completed' || !hasRunning) return reason;
  return isConditionTrue(pod, 'Ready') ? 'Running' : 'NotReady';
}

function terminationReason(terminated: Fields): string {
  const reason = textAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal');
  return signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`;
}

function isConditionTrue(pod: KubeObject, type: string): boolean {
  return conditionOf(pod, type)?.['status'] === 'True';
}

function readinessGates(pod: KubeObject): string {
  const gates = itemsAt(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return NONE;
  return `${gates.filter((gate) => isConditionTrue(pod, textAt(gate, 'conditionType'))).length}/${gates.length}`;
}
