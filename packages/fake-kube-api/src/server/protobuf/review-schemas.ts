import type { JsonSchema } from '../../core/resource-definition.ts';

const PACKAGE = 'io.k8s.api.authorization.v1';
const AUTHENTICATION = 'io.k8s.api.authentication.v1';
const text: JsonSchema = { type: 'string' };

function message(fields: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties: fields };
}

/** Schemas of the reviews that are asked for and not stored, and so are not among the resources. */
export const reviewSchemas: Readonly<Record<string, JsonSchema>> = {
  [`${PACKAGE}.SelfSubjectAccessReview`]: message({ spec: { ref: `${PACKAGE}.SelfSubjectAccessReviewSpec` } }),
  [`${PACKAGE}.SelfSubjectAccessReviewSpec`]: message({
    resourceAttributes: { ref: `${PACKAGE}.ResourceAttributes` },
    nonResourceAttributes: { ref: `${PACKAGE}.NonResourceAttributes` },
  }),
  [`${PACKAGE}.ResourceAttributes`]: message({
    namespace: text,
    verb: text,
    group: text,
    version: text,
    resource: text,
    subresource: text,
    name: text,
  }),
  [`${PACKAGE}.NonResourceAttributes`]: message({ path: text, verb: text }),
  [`${PACKAGE}.SelfSubjectRulesReview`]: message({ spec: { ref: `${PACKAGE}.SelfSubjectRulesReviewSpec` } }),
  [`${PACKAGE}.SelfSubjectRulesReviewSpec`]: message({ namespace: text }),
  // Asks who one is, and says nothing: there is no spec.
  [`${AUTHENTICATION}.SelfSubjectReview`]: message({}),
};
