import type { KubeStore } from '../core/types.ts';
import type { UserInfo } from './authentication.ts';
import type { Authorizer } from './types.ts';

/** Reviews that are answered and stored nowhere. */
export interface ReviewCall {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly body: unknown;
  readonly user: UserInfo;
  readonly store: KubeStore;
  readonly authorize: Authorizer;
}

interface ResourceAttributes {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
}

const REVIEW_KINDS: Readonly<Record<string, { readonly group: string; readonly kind: string }>> = {
  selfsubjectaccessreviews: { group: 'authorization.k8s.io', kind: 'SelfSubjectAccessReview' },
  selfsubjectrulesreviews: { group: 'authorization.k8s.io', kind: 'SelfSubjectRulesReview' },
  selfsubjectreviews: { group: 'authentication.k8s.io', kind: 'SelfSubjectReview' },
};

function specOf(body: unknown): Readonly<Record<string, unknown>> {
  const spec = (body as { spec?: unknown } | null | undefined)?.spec;
  return typeof spec === 'object' && spec !== null ? (spec as Record<string, unknown>) : {};
}

function isAllowed({ user, authorize }: ReviewCall, attributes: ResourceAttributes): boolean {
  return authorize({
    ...user,
    verb: attributes.verb ?? '',
    group: attributes.group ?? '',
    resource: attributes.resource ?? '',
    subresource: attributes.subresource === '' ? undefined : attributes.subresource,
    namespace: attributes.namespace === '' ? undefined : attributes.namespace,
    name: attributes.name === '' ? undefined : attributes.name,
  });
}

function rules(call: ReviewCall, namespace: string | undefined): readonly object[] {
  return call.store.definitions.flatMap(({ group, resource, verbs }) => {
    const allowed = verbs.filter((verb) =>
      isAllowed(call, { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) }),
    );
    return allowed.length === 0 ? [] : [{ verbs: allowed, apiGroups: [group], resources: [resource] }];
  });
}

function statusOf(call: ReviewCall, kind: string, spec: Readonly<Record<string, unknown>>): object {
  if (kind === 'SelfSubjectReview') {
    return { userInfo: { username: call.user.user, groups: call.user.groups } };
  }
  if (kind === 'SelfSubjectRulesReview') {
    const namespace = typeof spec['namespace'] === 'string' ? spec['namespace'] : undefined;
    return {
      resourceRules: rules(call, namespace),
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['*'] }],
      incomplete: false,
    };
  }
  const attributes = spec['resourceAttributes'] as ResourceAttributes | undefined;
  return { allowed: attributes ? isAllowed(call, attributes) : spec['nonResourceAttributes'] !== undefined };
}

/** Answers what a user may do, by the server's own authoriser; undefined where the resource is no review. */
export function reviewAccess(call: ReviewCall): object | undefined {
  const review = REVIEW_KINDS[call.resource];
  if (review?.group !== call.group) return undefined;
  const spec = specOf(call.body);
  return {
    kind: review.kind,
    apiVersion: `${call.group}/${call.version}`,
    metadata: { creationTimestamp: null },
    ...(review.kind === 'SelfSubjectReview' ? {} : { spec }),
    status: statusOf(call, review.kind, spec),
  };
}
