// autoscaling/v1, in which an autoscaler knows no measurement but the CPU: the rest stands in annotations as JSON.
import type { KubeObject } from '../../protocol/kube-object.ts';
import { badRequest } from '../status-errors.ts';
import { fieldsAt, itemsAt, numberAt, textAt, valueAt, type Fields } from './read-fields.ts';

const ANNOTATION = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${ANNOTATION}metrics`;
const BEHAVIOR = `${ANNOTATION}behavior`;
const CONDITIONS = `${ANNOTATION}conditions`;
const CURRENT_METRICS = `${ANNOTATION}current-metrics`;

/** Members with a value. */
const present = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

function isCpuShare(metric: Fields, member: 'target' | 'current'): boolean {
  const share = valueAt(metric, 'resource', member, 'averageUtilization');
  return metric['type'] === 'Resource' && textAt(metric, 'resource', 'name') === 'cpu' && typeof share === 'number';
}

/** The share of the CPU among measurements, and what else there is. */
function split(metrics: readonly Fields[], member: 'target' | 'current') {
  const cpu = metrics.find((metric) => isCpuShare(metric, member));
  return {
    share: cpu && numberAt(cpu, 'resource', member, 'averageUtilization'),
    others: metrics.filter((metric) => metric !== cpu),
  };
}

const cpuMetric = (member: 'target' | 'current', values: Fields): Fields => ({
  type: 'Resource',
  resource: { name: 'cpu', [member]: values },
});

function annotated(object: KubeObject, name: string): unknown {
  const text = object.metadata.annotations?.[name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest(`the annotation ${name} is not JSON`);
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** An autoscaler of `autoscaling/v1` as one of v2. Throws a StatusError where an annotation cannot be read. */
export function autoscalerToV2(object: KubeObject): KubeObject {
  const { spec: _spec, status: _status, ...rest } = object;
  const [spec, status] = [fieldsAt(object, 'spec'), fieldsAt(object, 'status')];
  const { targetCPUUtilizationPercentage: wanted, ...bounds } = spec;
  const { currentCPUUtilizationPercentage: current, ...counts } = status;
  const target = { type: 'Utilization', averageUtilization: wanted };
  const metrics = [
    ...(wanted === undefined || wanted === null ? [] : [cpuMetric('target', target)]),
    ...listOf(annotated(object, METRICS)),
  ];
  const currentMetrics = [
    ...(typeof current === 'number' ? [cpuMetric('current', { averageUtilization: current })] : []),
    ...listOf(annotated(object, CURRENT_METRICS)),
  ];
  const conditions = annotated(object, CONDITIONS);
  const kept = Object.entries(object.metadata.annotations ?? {}).filter(
    ([name]) => ![METRICS, BEHAVIOR, CONDITIONS, CURRENT_METRICS].includes(name),
  );
  return {
    ...rest,
    metadata: { ...object.metadata, annotations: Object.fromEntries(kept) },
    spec: present({
      ...bounds,
      metrics: metrics.length === 0 ? undefined : metrics,
      behavior: annotated(object, BEHAVIOR),
    }),
    ...(object['status'] === undefined
      ? {}
      : {
          status: present({
            ...counts,
            conditions,
            currentMetrics: currentMetrics.length === 0 ? undefined : currentMetrics,
          }),
        }),
  };
}

/** An autoscaler of `autoscaling/v2` as one of v1. */
export function autoscalerFromV2(object: KubeObject): KubeObject {
  const { spec: _spec, status: _status, ...rest } = object;
  const { metrics: _metrics, behavior, ...bounds } = fieldsAt(object, 'spec');
  const { currentMetrics: _current, conditions, ...counts } = fieldsAt(object, 'status');
  const wanted = split(itemsAt(object, 'spec', 'metrics'), 'target');
  const current = split(itemsAt(object, 'status', 'currentMetrics'), 'current');
  const json = (value: unknown) => {
    const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    return isEmpty ? undefined : JSON.stringify(value);
  };
  const annotations = present({
    ...object.metadata.annotations,
    [METRICS]: json(wanted.others),
    [BEHAVIOR]: json(behavior),
    [CONDITIONS]: json(conditions),
    [CURRENT_METRICS]: json(current.others),
  }) as Readonly<Record<string, string>>;
  return {
    ...rest,
    metadata: Object.keys(annotations).length === 0 ? object.metadata : { ...object.metadata, annotations },
    spec: present({ ...bounds, targetCPUUtilizationPercentage: wanted.share }),
    ...(object['status'] === undefined
      ? {}
      : {
          status: present({
            currentReplicas: 0,
            desiredReplicas: 0,
            ...counts,
            currentCPUUtilizationPercentage: current.share,
          }),
        }),
  };
}
