import type { ResourceDefinition } from '../resource-definition.ts';
import { appsResources } from './apps-resources.ts';
import { autoscalingResources } from './autoscaling-resources.ts';
import { batchResources } from './batch-resources.ts';
import { apiextensionsResources, coordinationResources, storageResources } from './cluster-resources.ts';
import { coreResources } from './core-resources.ts';
import { discoveryResources, networkingResources } from './networking-resources.ts';
import { policyResources, rbacResources } from './policy-resources.ts';

/** The types that a fresh server knows, in the order in which discovery names their groups. */
export const builtinResources: readonly ResourceDefinition[] = [
  ...coreResources,
  ...appsResources,
  ...autoscalingResources,
  ...batchResources,
  ...networkingResources,
  ...policyResources,
  ...rbacResources,
  ...storageResources,
  ...apiextensionsResources,
  ...coordinationResources,
  ...discoveryResources,
];
