import { readSchemas } from './schema-notation.ts';

/** Bodies of subresources and requests that are no resources of their own. */
export const requestSchemas = {
  ...readSchemas('io.k8s.api.autoscaling.v1', {
    Scale: {
      about: 'The number of replicas that a resource should have and has.',
      root: true,
      fields: {
        spec: 'ScaleSpec | The number that is wanted.',
        status: 'ScaleStatus | The number that there is.',
      },
    },
    ScaleSpec: {
      about: 'The number of replicas that is wanted.',
      fields: { replicas: 'int32 | How many replicas are wanted.' },
    },
    ScaleStatus: {
      about: 'The number of replicas that there is.',
      fields: { replicas: 'int32! | How many replicas there are.', selector: 'string | Selects their pods.' },
    },
  }),
  ...readSchemas('io.k8s.api.policy.v1', {
    Eviction: {
      about: 'Asks for a pod to be deleted, within its disruption budget.',
      root: true,
      fields: { deleteOptions: 'meta.DeleteOptions | How the pod is deleted.' },
    },
  }),
  ...readSchemas('io.k8s.apimachinery.pkg.apis.meta.v1', {
    DeleteOptions: {
      about: 'How an object is deleted.',
      fields: {
        apiVersion: 'string | Group and version of this kind.',
        kind: 'string | The kind of this object.',
        dryRun: '[string] | `All` changes nothing.',
        gracePeriodSeconds: 'int64 | Seconds that the object has to end by itself.',
        orphanDependents: 'boolean | Former form of `propagationPolicy`.',
        preconditions: 'Preconditions | What must still hold.',
        propagationPolicy: 'string | Orphan, Background or Foreground.',
      },
    },
    Preconditions: {
      about: 'What must hold of an object for it to be deleted.',
      fields: { resourceVersion: 'string | Its resourceVersion.', uid: 'string | Its uid.' },
    },
    ListMeta: {
      about: 'What every list has.',
      fields: {
        continue: 'string | Asks for the next page.',
        remainingItemCount: 'int64 | How many objects the next pages have.',
        resourceVersion: 'string | The state that the list shows; a watch can start from it.',
        selfLink: 'string | No longer filled in.',
      },
    },
  }),
};
