import type { KubeObject } from '../../protocol/kube-object.ts';
import type { TableColumn } from '../resource-definition.ts';
import { ageColumn, ageOf, column, nameColumn, NONE, UNKNOWN } from './columns.ts';
import { conditionOf, fieldsAt, itemsAt, numberAt, scalarText, textAt, valueAt } from './read-fields.ts';

const ROLE_LABEL = 'node-role.kubernetes.io/';

/** The columns of `kubectl get nodes`. */
export const nodeColumns: readonly TableColumn[] = [
  nameColumn,
  column('Status', 'Whether the node is ready and takes pods.', (node) => {
    const ready = conditionOf(node, 'Ready');
    const state = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady';
    return valueAt(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
  }),
  column('Roles', 'What the node is for.', nodeRoles),
  ageColumn,
  column('Version', 'Version of the kubelet.', (node) => textAt(node, 'status', 'nodeInfo', 'kubeletVersion')),
  column('Internal-IP', 'Address inside of the cluster.', (node) => nodeAddress(node, 'InternalIP'), { wide: true }),
  column('External-IP', 'Address from outside.', (node) => nodeAddress(node, 'ExternalIP'), { wide: true }),
  column('OS-Image', 'Operating system of the node.', (node) => nodeInfo(node, 'osImage'), { wide: true }),
  column('Kernel-Version', 'Kernel of the node.', (node) => nodeInfo(node, 'kernelVersion'), { wide: true }),
  column('Container-Runtime', 'What runs the containers.', (node) => nodeInfo(node, 'containerRuntimeVersion'), {
    wide: true,
  }),
];

function nodeRoles({ metadata }: KubeObject): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([name, value]) => {
    if (name.startsWith(ROLE_LABEL) && name !== ROLE_LABEL) return [name.slice(ROLE_LABEL.length)];
    return name === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return [...new Set(roles)].toSorted().join(',') || NONE;
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = itemsAt(node, 'status', 'addresses').find((address) => address['type'] === type);
  return textAt(found, 'address') || NONE;
}

function nodeInfo(node: KubeObject, field: string): string {
  return textAt(node, 'status', 'nodeInfo', field) || UNKNOWN;
}

/** The columns of `kubectl get events`. */
export const eventColumns: readonly TableColumn[] = [
  column('Last Seen', 'Time since it last happened.', lastSeen),
  column('Type', 'Normal or Warning.', (event) => textAt(event, 'type')),
  column('Reason', 'Why it happened, in one word.', (event) => textAt(event, 'reason')),
  column('Object', 'What it is about.', (event) => {
    const name = textAt(event, 'involvedObject', 'name');
    return `${textAt(event, 'involvedObject', 'kind').toLowerCase()}/${name}`;
  }),
  column('Subobject', 'Which part of the object.', (event) => textAt(event, 'involvedObject', 'fieldPath'), {
    wide: true,
  }),
  column('Source', 'Who reported it.', eventSource, { wide: true }),
  column('Message', 'What happened.', (event) => textAt(event, 'message').trim()),
  column('First Seen', 'Time since it first happened.', firstSeen, { wide: true }),
  column('Count', 'How often it happened.', (event) => eventCount(event), { wide: true }),
  { ...nameColumn, priority: 1 },
];

function firstSeen(event: KubeObject, nowMs: number): string {
  const time = textAt(event, 'firstTimestamp') || textAt(event, 'eventTime');
  return ageOf(time, nowMs);
}

function lastSeen(event: KubeObject, nowMs: number): string {
  const time = textAt(event, 'series', 'lastObservedTime') || textAt(event, 'lastTimestamp');
  return time === '' ? firstSeen(event, nowMs) : ageOf(time, nowMs);
}

function eventCount(event: KubeObject): number {
  return numberAt(event, 'series', 'count') || numberAt(event, 'count') || 1;
}

function eventSource(event: KubeObject): string {
  const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent');
  const host = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance');
  return host === '' ? component : `${component}, ${host}`;
}

const sizeOf = (object: KubeObject, ...fields: readonly string[]): number =>
  fields.reduce((sum, field) => sum + Object.keys(fieldsAt(object, field)).length, 0);

/** The columns of `kubectl get configmaps`. */
export const configMapColumns: readonly TableColumn[] = [
  nameColumn,
  column('Data', 'How many entries it has.', (object) => sizeOf(object, 'data', 'binaryData')),
  ageColumn,
];

/** The columns of `kubectl get secrets`. */
export const secretColumns: readonly TableColumn[] = [
  nameColumn,
  column('Type', 'What the data is for.', (object) => textAt(object, 'type')),
  column('Data', 'How many entries it has.', (object) => sizeOf(object, 'data')),
  ageColumn,
];

/** The columns of `kubectl get serviceaccounts`. */
export const serviceAccountColumns: readonly TableColumn[] = [
  nameColumn,
  column('Secrets', 'How many secrets it has.', (object) => itemsAt(object, 'secrets').length),
  ageColumn,
];

/** The columns of `kubectl get resourcequotas`. */
export const resourceQuotaColumns: readonly TableColumn[] = [
  nameColumn,
  column('Request', 'What is used of each limit on requests and counts.', (quota) => quotaText(quota, false)),
  column('Limit', 'What is used of each limit on limits.', (quota) => quotaText(quota, true)),
  ageColumn,
];

function quotaText(quota: KubeObject, ofLimits: boolean): string {
  const used = fieldsAt(quota, 'status', 'used');
  return Object.entries(fieldsAt(quota, 'status', 'hard'))
    .filter(([name]) => name.startsWith('limits') === ofLimits)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, hard]) => `${name}: ${scalarText(used[name], '0')}/${scalarText(hard, '')}`)
    .join(', ');
}

/** The columns of `kubectl get rolebindings` and of those of the cluster. */
export const bindingColumns: readonly TableColumn[] = [
  nameColumn,
  column(
    'Role',
    'The role that is granted.',
    (binding) => `${textAt(binding, 'roleRef', 'kind')}/${textAt(binding, 'roleRef', 'name')}`,
  ),
  ageColumn,
  column('Users', 'Users that have it.', (binding) => subjects(binding, 'User'), { wide: true }),
  column('Groups', 'Groups that have it.', (binding) => subjects(binding, 'Group'), { wide: true }),
  column('ServiceAccounts', 'Service accounts that have it.', (binding) => subjects(binding, 'ServiceAccount'), {
    wide: true,
  }),
];

function subjects(binding: KubeObject, kind: string): string {
  return itemsAt(binding, 'subjects')
    .filter((subject) => subject['kind'] === kind)
    .map((subject) => {
      const name = textAt(subject, 'name');
      return kind === 'ServiceAccount' ? `${textAt(subject, 'namespace')}/${name}` : name;
    })
    .join(', ');
}
