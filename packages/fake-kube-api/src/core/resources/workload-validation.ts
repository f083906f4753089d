import type { KubeObject } from '../../protocol/kube-object.ts';
import type { StatusCause } from '../../protocol/status.ts';
import { jsonEqual } from '../patch/json-value.ts';
import { forbiddenValue, invalidValue, required, unsupported } from './field-causes.ts';
import { podSpecCauses } from './pod-validation.ts';
import { fieldsAt, itemsAt, textAt, textsAt, valueAt, type Fields } from './read-fields.ts';

type Validate = (object: KubeObject, old: KubeObject | undefined) => readonly StatusCause[];

const ALWAYS = ['Always'];
const NOT_ALWAYS = ['OnFailure', 'Never'];

/** Rules of what keeps pods running: a selector that matches the template and never changes, and a sound template. */
export const validateWorkload: Validate = (object, old) => [
  ...countCauses(object, 'spec', ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
  ...selectorCauses(object, old),
  ...podSpecCauses(fieldsAt(object, 'spec', 'template', 'spec'), 'spec.template.spec', ALWAYS, claimNames(object)),
];

/** Volumes that a stateful set adds to its pods; other workloads have none. */
function claimNames(object: KubeObject): readonly string[] {
  return itemsAt(object, 'spec', 'volumeClaimTemplates').map((claim) => textAt(claim, 'metadata', 'name'));
}

/** A stateful set is a workload whose service and claims never change. */
export const validateStatefulSet: Validate = (object, old) => [
  ...validateWorkload(object, old),
  ...(old === undefined || jsonEqual(fixedSpec(object), fixedSpec(old))
    ? []
    : [
        forbiddenValue(
          'spec',
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ),
      ]),
];

function fixedSpec(object: KubeObject): Fields {
  const { selector, serviceName, podManagementPolicy, volumeClaimTemplates } = fieldsAt(object, 'spec');
  return { selector, serviceName, podManagementPolicy, volumeClaimTemplates };
}

/** A replication controller selects by plain labels. */
export const validateReplicationController: Validate = (object) => [
  ...countCauses(object, 'spec', ['replicas', 'minReadySeconds']),
  ...(Object.keys(fieldsAt(object, 'spec', 'selector')).length === 0 ? [required('spec.selector')] : []),
  ...podSpecCauses(fieldsAt(object, 'spec', 'template', 'spec'), 'spec.template.spec', ALWAYS),
];

/** A job's pods do not restart for ever, and its template never changes. */
export const validateJob: Validate = (object, old) => [
  ...countCauses(object, 'spec', ['parallelism', 'completions', 'backoffLimit', 'ttlSecondsAfterFinished']),
  ...jobTemplateCauses(object, 'spec.template.spec', fieldsAt(object, 'spec', 'template', 'spec')),
  ...(old === undefined
    ? []
    : ['selector', 'template', 'completionMode'].flatMap((name) => immutableCauses(object, old, 'spec', name))),
];

/** A cron job has a schedule and a sound job. */
export const validateCronJob: Validate = (object) => [
  ...(textAt(object, 'spec', 'schedule') === '' ? [required('spec.schedule')] : scheduleCauses(object)),
  ...jobTemplateCauses(
    object,
    'spec.jobTemplate.spec.template.spec',
    fieldsAt(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec'),
  ),
];

function jobTemplateCauses(_object: KubeObject, path: string, spec: Fields): readonly StatusCause[] {
  const policy = textAt(spec, 'restartPolicy');
  if (policy !== 'Always') return podSpecCauses(spec, path, NOT_ALWAYS);
  const others = podSpecCauses(spec, path, ALWAYS);
  return [...others, required(`${path}.restartPolicy`, 'valid values: "OnFailure", "Never"')];
}

function scheduleCauses(object: KubeObject): readonly StatusCause[] {
  const schedule = textAt(object, 'spec', 'schedule');
  const fields = schedule.trim().split(/\s+/);
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/.test(schedule)) return [];
  const isCron = fields.length === 5 && fields.every((field) => /^[\w*?/,-]+$/.test(field));
  return isCron ? [] : [invalidValue('spec.schedule', schedule, `expected exactly 5 fields, found ${fields.length}`)];
}

function countCauses(object: KubeObject, parent: string, names: readonly string[]): readonly StatusCause[] {
  return names.flatMap((name) => {
    const count = valueAt(object, parent, name);
    const isNegative = typeof count === 'number' && count < 0;
    return isNegative ? [invalidValue(`${parent}.${name}`, count, 'must be greater than or equal to 0')] : [];
  });
}

function selectorCauses(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const selector = valueAt(object, 'spec', 'selector');
  if (selector === undefined || selector === null) return [required('spec.selector')];
  const labels = fieldsAt(object, 'spec', 'template', 'metadata', 'labels');
  const causes = isEmptySelector(selector)
    ? [invalidValue('spec.selector', selector, 'empty selector is invalid for workloads')]
    : matchesSelector(selector, labels)
      ? []
      : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
  return [...causes, ...(old === undefined ? [] : immutableCauses(object, old, 'spec', 'selector'))];
}

function isEmptySelector(selector: unknown): boolean {
  return (
    Object.keys(fieldsAt(selector, 'matchLabels')).length === 0 && itemsAt(selector, 'matchExpressions').length === 0
  );
}

function matchesSelector(selector: unknown, labels: Fields): boolean {
  const hasLabels = Object.entries(fieldsAt(selector, 'matchLabels')).every(([name, value]) => labels[name] === value);
  return hasLabels && itemsAt(selector, 'matchExpressions').every((expression) => holds(expression, labels));
}

function holds(expression: Fields, labels: Fields): boolean {
  const value = labels[textAt(expression, 'key')];
  const isListed = typeof value === 'string' && textsAt(expression, 'values').includes(value);
  switch (expression['operator']) {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

/** A field that never changes after creation. */
export function immutableCauses(
  object: KubeObject,
  old: KubeObject,
  parent: string,
  name: string,
): readonly StatusCause[] {
  const value = valueAt(object, parent, name);
  return jsonEqual(value ?? null, valueAt(old, parent, name) ?? null)
    ? []
    : [invalidValue(`${parent}.${name}`, value ?? null, 'field is immutable')];
}

/** An autoscaler names what it scales, and sound bounds. */
export const validateHorizontalPodAutoscaler: Validate = (object) => {
  const [min, max] = [valueAt(object, 'spec', 'minReplicas'), valueAt(object, 'spec', 'maxReplicas')];
  const isInverted = typeof min === 'number' && typeof max === 'number' && max < min;
  return [
    ...(textAt(object, 'spec', 'scaleTargetRef', 'kind') === '' ? [required('spec.scaleTargetRef.kind')] : []),
    ...(textAt(object, 'spec', 'scaleTargetRef', 'name') === '' ? [required('spec.scaleTargetRef.name')] : []),
    ...(typeof max === 'number' && max > 0
      ? []
      : [invalidValue('spec.maxReplicas', max ?? 0, 'must be greater than 0')]),
    ...(isInverted ? [invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`')] : []),
  ];
};

/** A binding never changes its role, since that would grant more than was granted. */
export const validateBinding: Validate = (object, old) => {
  const role = fieldsAt(object, 'roleRef');
  return [
    ...(textAt(role, 'name') === '' ? [required('roleRef.name')] : []),
    ...(['Role', 'ClusterRole'].includes(textAt(role, 'kind'))
      ? []
      : [unsupported('roleRef.kind', role['kind'] ?? '', ['Role', 'ClusterRole'])]),
    ...(old === undefined || jsonEqual(role, fieldsAt(old, 'roleRef'))
      ? []
      : [invalidValue('roleRef', role, 'cannot change roleRef')]),
  ];
};
