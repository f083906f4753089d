import type { JsonSchema } from '../resource-definition.ts';
import { apiextensionsSchemas } from './apiextensions-schemas.ts';
import { appsSchemas } from './apps-schemas.ts';
import { autoscalingSchemas } from './autoscaling-schemas.ts';
import { batchSchemas } from './batch-schemas.ts';
import { containerSchemas } from './container-schemas.ts';
import { coordinationSchemas } from './coordination-schemas.ts';
import { coreSchemas } from './core-schemas.ts';
import { discoverySchemas } from './discovery-schemas.ts';
import { metaSchemas } from './meta-schemas.ts';
import { networkingSchemas } from './networking-schemas.ts';
import { nodeSchemas } from './node-schemas.ts';
import { podSchemas } from './pod-schemas.ts';
import { podStatusSchemas } from './pod-status-schemas.ts';
import { policySchemas } from './policy-schemas.ts';
import { rbacSchemas } from './rbac-schemas.ts';
import { requestSchemas } from './request-schemas.ts';
import { storageSchemas } from './storage-schemas.ts';
import { volumeSchemas } from './volume-schemas.ts';

/** Every shared definition of the built-in resources, by its name in OpenAPI documents. */
export const sharedSchemas: Readonly<Record<string, JsonSchema>> = {
  ...metaSchemas,
  ...requestSchemas,
  ...coreSchemas,
  ...podSchemas,
  ...podStatusSchemas,
  ...containerSchemas,
  ...volumeSchemas,
  ...nodeSchemas,
  ...appsSchemas,
  ...autoscalingSchemas,
  ...batchSchemas,
  ...networkingSchemas,
  ...policySchemas,
  ...rbacSchemas,
  ...storageSchemas,
  ...coordinationSchemas,
  ...discoverySchemas,
  ...apiextensionsSchemas,
};

/** Metadata of every object, by its name in OpenAPI documents. */
export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** The shared definition of that name; throws when there is none, which is a mistake in this package. */
export function schemaNamed(name: string): JsonSchema {
  const schema = sharedSchemas[name];
  if (schema === undefined) throw new Error(`there is no schema named ${name}`);
  return schema;
}

/** Follows `ref` to the definition that it names. */
export function resolveSchema(schema: JsonSchema | undefined): JsonSchema | undefined {
  return schema?.ref === undefined ? schema : schemaNamed(schema.ref);
}
