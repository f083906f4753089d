import { createKubeWatchError, isKubeWatchError } from '../core/kube-watch-error.ts';
import type { KubeObject, Status } from '../protocol/kube-object.ts';
import { resourcePath } from '../protocol/resource-path.ts';
import type { KubeHttp } from './http.ts';
import type { PendingWrites } from './pending-writes.ts';
import {
  predictDelete,
  predictJsonPatch,
  predictMergePatch,
  predictScale,
  predictStrategicMerge,
  type Predict,
} from './predict.ts';
import type { KubeWatchClient, ObjectRef } from './types.ts';

/** Whose fields a write is, in `managedFields`, unless the caller says. */
const defaultFieldManager = 'fleetwire';

/** An API server has a minute for a request, and admission webhooks may use it (kube-apiserver, --request-timeout). */
const writeSilenceMs = 60_000;

/** Media types of patches (Kubernetes documentation, API concepts, § Patches). Applied configurations are JSON here, which is YAML. */
const patchTypes = {
  apply: 'application/apply-patch+yaml',
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

const predictors = { json: predictJsonPatch, merge: predictMergePatch, strategic: predictStrategicMerge } as const;

/** Reading and writing single objects. */
export type Mutations = Pick<KubeWatchClient, 'get' | 'apply' | 'patch' | 'delete' | 'scale'>;

/** Makes them; `now` gives milliseconds since 1970. */
export function createMutations(http: KubeHttp, writes: PendingWrites, now: () => number): Mutations {
  const send = async (ref: ObjectRef, method: string, more: SendOptions = {}): Promise<unknown> => {
    const { cluster, namespace } = ref;
    const { body, contentType = 'application/json', query = {}, subresource } = more;
    const path = resourcePath({
      ...ref.resource,
      name: ref.name,
      ...(namespace === undefined || namespace === '' ? {} : { namespace }),
      ...(subresource === undefined ? {} : { subresource }),
    });
    const search = new URLSearchParams(query).toString();
    const text = await http.readWithRefresh({
      cluster,
      namespace,
      path: search === '' ? path : `${path}?${search}`,
      silenceMs: writeSilenceMs,
      init: {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': contentType } }),
      },
    });
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      const message = `expected the object in JSON as the answer to ${method}`;
      throw createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster, namespace, cause });
    }
  };

  const sendPatch = async (ref: ObjectRef, more: SendOptions): Promise<unknown> => {
    try {
      return await send(ref, 'PATCH', more);
    } catch (error) {
      throw otherUid(error, ref) ?? error;
    }
  };

  /** Shows what the write will probably make of the object, until the API answers. */
  const shown = async (
    ref: ObjectRef,
    predict: Predict | undefined,
    write: () => Promise<unknown>,
  ): Promise<unknown> => {
    if (predict === undefined) return write();
    const pending = writes.begin(ref, predict);
    try {
      const answer = await write();
      if (isObject(answer)) pending.confirm(answer);
      else if ((answer as Status | null)?.kind === 'Status') {
        const details = (answer as { readonly details?: { readonly uid?: string } }).details;
        pending.confirmGone(details?.uid);
      } else pending.takeBack();
      return answer;
    } catch (error) {
      pending.takeBack();
      throw error;
    }
  };

  return {
    get: async (ref) => (await send(ref, 'GET')) as KubeObject,
    async apply(ref, object, { dryRun = false, fieldManager = defaultFieldManager, force = false, uid } = {}) {
      const answer = await shown(ref, dryRun ? undefined : predictStrategicMerge(object), () =>
        sendPatch(ref, {
          body: withUid(object, uid),
          contentType: patchTypes.apply,
          query: { fieldManager, ...(force ? { force: 'true' } : {}), ...(dryRun ? { dryRun: 'All' } : {}) },
        }),
      );
      return answer as KubeObject;
    },
    async patch(ref, patch, { subresource, type = 'merge', uid } = {}) {
      // The answer to a patch of `scale` is a Scale, and no Deployment.
      const predict = subresource === undefined || subresource === 'status' ? predictors[type](patch) : undefined;
      const answer = await shown(ref, predict, () =>
        sendPatch(ref, {
          body: type === 'json' ? testingUid(patch, uid) : withUid(patch, uid),
          contentType: patchTypes[type],
          query: { fieldManager: defaultFieldManager },
          subresource,
        }),
      );
      return answer as KubeObject;
    },
    async delete(ref, { gracePeriodSeconds, uid } = {}) {
      await shown(ref, predictDelete(new Date(now()).toISOString()), () =>
        send(ref, 'DELETE', {
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
            ...(uid === undefined ? {} : { preconditions: { uid } }),
          },
        }),
      );
    },
    async scale(ref, replicas, { uid } = {}) {
      if (!Number.isInteger(replicas) || replicas < 0) {
        const { cluster, namespace } = ref;
        const message = `expected a whole number of replicas, not below 0, got ${String(replicas)}`;
        throw createKubeWatchError({ code: 'INVALID_ARGUMENT', retryable: false, message, cluster, namespace });
      }
      const pending = writes.begin(ref, predictScale(replicas));
      try {
        const scale = await sendPatch(ref, {
          body: withUid({ spec: { replicas } }, uid),
          contentType: patchTypes.merge,
          query: { fieldManager: defaultFieldManager },
          subresource: 'scale',
        });
        // A Scale has the resourceVersion of what it scales, and none of its fields.
        pending.confirmVersion((scale as KubeObject).metadata.resourceVersion);
      } catch (error) {
        pending.takeBack();
        throw error;
      }
    },
  };
}

interface SendOptions {
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly subresource?: string | undefined;
}

/** An API server takes `metadata.uid` of a patch, an applied configuration or a Scale for the object that is meant. */
function withUid(body: unknown, uid: string | undefined): unknown {
  if (uid === undefined || typeof body !== 'object' || body === null) return body;
  const { metadata } = body as { readonly metadata?: object };
  return { ...body, metadata: { ...metadata, uid } };
}

/** The same for a JSON patch (RFC 6902 section 4.6). */
function testingUid(patch: unknown, uid: string | undefined): unknown {
  if (uid === undefined || !Array.isArray(patch)) return patch;
  return [{ op: 'test', path: '/metadata/uid', value: uid }, ...(patch as readonly unknown[])];
}

/** To a patch the API calls another uid a change of an immutable field (422), and to all else a conflict (409). */
function otherUid(cause: unknown, { cluster, namespace, name }: ObjectRef): Error | undefined {
  if (!isKubeWatchError(cause) || cause.status !== 422) return undefined;
  const causes: unknown = (cause.details as Status | undefined)?.details?.causes;
  const isOfUid = (one: unknown): boolean => (one as { field?: unknown } | null)?.field === 'metadata.uid';
  if (!Array.isArray(causes) || !causes.some(isOfUid)) return undefined;
  const message = `${name} is another object by now, and was left as it is`;
  return createKubeWatchError({
    code: 'KUBE_CONFLICT',
    status: 409,
    reason: 'Conflict',
    message,
    cluster,
    namespace,
    cause,
  });
}

function isObject(answer: unknown): answer is KubeObject {
  const { kind, metadata } = (answer ?? {}) as Partial<KubeObject>;
  return kind !== 'Status' && typeof metadata?.name === 'string' && typeof metadata.resourceVersion === 'string';
}
