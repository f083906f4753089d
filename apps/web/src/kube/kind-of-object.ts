import type { KubeResource } from '@fleetwire/kube-watch';

/** Kinds that events are about, without asking discovery; their plurals follow one rule. */
const known = new Set([
  'v1/Pod',
  'v1/Node',
  'v1/Service',
  'v1/Namespace',
  'v1/PersistentVolume',
  'v1/PersistentVolumeClaim',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
  'apps/v1/DaemonSet',
  'batch/v1/Job',
  'batch/v1/CronJob',
  'autoscaling/v2/HorizontalPodAutoscaler',
]);

/** The resource type of a kind that every cluster has; undefined for any other. */
export function kindOfObject(apiVersion = '', kind = ''): KubeResource | undefined {
  if (!known.has(`${apiVersion}/${kind}`)) return undefined;
  const [version = '', group] = apiVersion.split('/').reverse();
  const resource = `${kind.toLowerCase()}s`;
  return group === undefined ? { version, resource } : { group, version, resource };
}
