import type { KubeObject } from '../protocol/kube-object.ts';
import { StatusError } from '../protocol/status.ts';
import type { ResourceDefinition } from '../core/resource-definition.ts';
import { badRequest, failure, methodNotAllowed } from '../core/status-errors.ts';
import { scaleOf } from '../core/store/scale.ts';
import type { DeleteOptions, KubeStore, NewObject, PatchType, Selection, WriteOptions } from '../core/types.ts';
import { checkFields } from './field-validation.ts';
import { checkListOptions } from './list-options.ts';
import { negotiate } from './negotiate.ts';
import type { RequestBody } from './read-body.ts';
import { listBody, objectBody } from './representations.ts';
import { isTrue, type ResourceRequest } from './request-info.ts';
import { type Answer, bodyAnswer } from './respond.ts';

/** A request for a resource, authorised and with its body read. */
export interface VerbCall {
  readonly store: KubeStore;
  readonly definition: ResourceDefinition;
  readonly request: ResourceRequest;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  readonly userAgent: string | undefined;
  readonly body: RequestBody | undefined;
  readonly nowMs: number;
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

// These answer a deletion with the object that was removed, all others with a Status.
const RETURN_DELETED = new Set([
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
]);

/** The namespace and selectors of a list, a watch or a deletion of many. */
export function selectionOf(request: ResourceRequest, query: URLSearchParams): Selection {
  return {
    namespace: request.resource === 'namespaces' ? undefined : request.namespace,
    labelSelector: query.get('labelSelector') ?? undefined,
    fieldSelector: query.get('fieldSelector') ?? undefined,
  };
}

function namespaceOf({ definition, request }: VerbCall): string | undefined {
  return definition.namespaced ? request.namespace : undefined;
}

function isDryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun').filter((value) => value !== '');
  const wrong = values.find((value) => value !== 'All');
  if (wrong !== undefined) throw badRequest(`dryRun: Unsupported value: "${wrong}": supported values: "All"`);
  return values.length > 0;
}

function writeOptions({ query, userAgent, request }: VerbCall): WriteOptions {
  return {
    // Without a name the manager is the first part of the user agent, as in the real server.
    fieldManager: query.get('fieldManager') ?? userAgent?.split('/')[0] ?? 'unknown',
    dryRun: isDryRun(query),
    subresource: request.subresource,
  };
}

function objectOf(body: RequestBody | undefined): NewObject {
  const value = body?.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('the body of the request must be one object');
  }
  return { ...value, metadata: (value as Partial<KubeObject>).metadata ?? {} };
}

function shown(
  call: VerbCall,
  object: KubeObject,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const { representation, format } = negotiate(call.accept, call.query);
  const isScale = call.request.subresource === 'scale';
  const body = isScale
    ? scaleOf(call.definition, object)
    : objectBody(call.definition, object, representation, call.nowMs);
  return { ...bodyAnswer(status, body, format), headers };
}

/** Headers with warnings about unknown fields of the body; a Scale and a JSON patch have none of the type's fields. */
function fieldHeaders({ definition, request, query, body }: VerbCall): Readonly<Record<string, string>> {
  if (request.subresource === 'scale' || body?.mediaType === 'application/json-patch+json') return {};
  return checkFields(definition, body?.value, query.get('fieldValidation'));
}

function list(call: VerbCall): Answer {
  const { store, definition, request, query, accept, nowMs } = call;
  const { representation, format } = negotiate(accept, query);
  checkListOptions(query);
  const found = store.list(definition, selectionOf(request, query), {
    limit: Number(query.get('limit') ?? '0') || 0,
    continueToken: query.get('continue') ?? undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
  });
  return bodyAnswer(200, listBody(definition, found, representation, nowMs), format);
}

function deleteOptions({ query, body }: VerbCall): DeleteOptions {
  const given = (body === undefined ? {} : objectOf(body)) as unknown as {
    gracePeriodSeconds?: number;
    propagationPolicy?: string;
    orphanDependents?: boolean;
    preconditions?: { uid?: string; resourceVersion?: string };
    dryRun?: string[];
  };
  const grace = query.get('gracePeriodSeconds');
  const policy =
    query.get('propagationPolicy') ??
    given.propagationPolicy ??
    (given.orphanDependents === true || isTrue(query.get('orphanDependents')) ? 'Orphan' : undefined);
  if (policy !== undefined && policy !== 'Orphan' && policy !== 'Background' && policy !== 'Foreground') {
    throw badRequest(`propagationPolicy: Unsupported value: "${policy}"`);
  }
  return {
    gracePeriodSeconds: grace === null ? given.gracePeriodSeconds : Number(grace),
    propagationPolicy: policy,
    preconditions: given.preconditions,
    dryRun: isDryRun(query) || (given.dryRun ?? []).includes('All'),
  };
}

function deleteOne(call: VerbCall, name: string): Answer {
  const { store, definition, query, accept } = call;
  const { object, removed } = store.delete(definition, namespaceOf(call), name, deleteOptions(call));
  if (!removed || (definition.group === '' && RETURN_DELETED.has(definition.resource))) return shown(call, object);
  return bodyAnswer(
    200,
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name,
        ...(definition.group === '' ? {} : { group: definition.group }),
        kind: definition.resource,
        uid: object.metadata.uid,
      },
    },
    negotiate(accept, query).format,
  );
}

function deleteMany(call: VerbCall): Answer {
  const { store, definition, request, query, accept, nowMs } = call;
  const { representation, format } = negotiate(accept, query);
  const options = deleteOptions(call);
  const found = store.list(definition, selectionOf(request, query));
  for (const { metadata } of found.items) {
    try {
      store.delete(definition, metadata.namespace, metadata.name, options);
    } catch (error) {
      // An owner earlier in the list has taken it along.
      if (!(error instanceof StatusError) || error.status.code !== 404) throw error;
    }
  }
  return bodyAnswer(200, listBody(definition, found, representation, nowMs), format);
}

function patch(call: VerbCall, name: string): Answer {
  const { store, definition, query, body } = call;
  const type = PATCH_TYPES[body?.mediaType ?? ''];
  if (!body || type === undefined || (type === 'strategic' && !definition.strategicMerge)) {
    throw new StatusError(
      failure(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: ${Object.keys(PATCH_TYPES)
          .filter((mediaType) => definition.strategicMerge || !mediaType.includes('strategic'))
          .join(', ')}`,
      ),
    );
  }
  const headers = fieldHeaders(call);
  const { object, created } = store.patch(definition, namespaceOf(call), name, type, body.value, {
    ...writeOptions(call),
    force: isTrue(query.get('force')),
  });
  return shown(call, object, created ? 201 : 200, headers);
}

/**
 * Runs get, list, create, update, patch, delete or deletecollection.
 *
 * @throws StatusError of the store, and 405 for verbs that the type does not offer.
 */
export function runVerb(call: VerbCall): Answer {
  const { store, definition, request } = call;
  const { name, subresource, verb } = request;
  const namespace = namespaceOf(call);
  if (subresource === undefined && !(definition.verbs as readonly string[]).includes(verb)) throw methodNotAllowed();
  switch (verb) {
    case 'list':
      return list(call);
    case 'deletecollection':
      return deleteMany(call);
    case 'create': {
      if (name !== undefined) throw methodNotAllowed();
      const headers = fieldHeaders(call);
      return shown(call, store.create(definition, namespace, objectOf(call.body), writeOptions(call)), 201, headers);
    }
  }
  if (name === undefined) throw methodNotAllowed();
  switch (verb) {
    case 'get':
      return shown(call, store.get(definition, namespace, name));
    case 'update': {
      const headers = fieldHeaders(call);
      return shown(
        call,
        store.update(definition, namespace, name, objectOf(call.body), writeOptions(call)),
        200,
        headers,
      );
    }
    case 'patch':
      return patch(call, name);
    case 'delete':
      if (subresource !== undefined) throw methodNotAllowed();
      return deleteOne(call, name);
    default:
      throw methodNotAllowed();
  }
}
