import type { KubeResource } from '@fleetwire/kube-watch';
import { formatResourceKey } from '../kube/resource-key.ts';

/** The names by which plugins may call a resource type: `apps/v1/deployments` and `deployments`. */
export function targetsOf(resource: KubeResource): readonly string[] {
  return [formatResourceKey(resource), resource.resource];
}
