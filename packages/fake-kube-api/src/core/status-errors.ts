import { StatusError, type Status, type StatusCause } from '../protocol/status.ts';
import type { ResourceDefinition } from './resource-definition.ts';

/** The members of a definition that error messages name. */
export type ErrorSubject = Pick<ResourceDefinition, 'group' | 'resource' | 'kind'>;

const qualified = (name: string, group: string): string => (group === '' ? name : `${name}.${group}`);

/** The `resource.group` that messages of the API server use; the core group adds nothing. */
export const qualifiedResource = (subject: Pick<ErrorSubject, 'group' | 'resource'>): string =>
  qualified(subject.resource, subject.group);

/** Builds a failure Status with its members in the order of the real server. */
export function failure(code: number, reason: string, message: string, details?: Status['details']): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
}

const detailsOf = (subject: Pick<ErrorSubject, 'group' | 'resource'>, name: string): Status['details'] => ({
  ...(name === '' ? {} : { name }),
  ...(subject.group === '' ? {} : { group: subject.group }),
  kind: subject.resource,
});

/** 400: the request itself cannot be understood. */
export const badRequest = (message: string): StatusError => new StatusError(failure(400, 'BadRequest', message));

/** 404 of one object. */
export const notFound = (subject: Pick<ErrorSubject, 'group' | 'resource'>, name: string): StatusError =>
  new StatusError(
    failure(404, 'NotFound', `${qualifiedResource(subject)} "${name}" not found`, detailsOf(subject, name)),
  );

/** 404 of a path that no resource type serves. */
export const noSuchResource = (): StatusError =>
  new StatusError(failure(404, 'NotFound', 'the server could not find the requested resource', {}));

/** 405: the resource exists and does not offer this verb. */
export const methodNotAllowed = (): StatusError =>
  new StatusError(
    failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {}),
  );

/** 409: something of this name exists. */
export const alreadyExists = (subject: Pick<ErrorSubject, 'group' | 'resource'>, name: string): StatusError =>
  new StatusError(
    failure(409, 'AlreadyExists', `${qualifiedResource(subject)} "${name}" already exists`, detailsOf(subject, name)),
  );

/** The reason of a conflict that an outdated resourceVersion causes. */
export const OBJECT_MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/** 409: a precondition failed. */
export const conflict = (
  subject: Pick<ErrorSubject, 'group' | 'resource'>,
  name: string,
  why: string = OBJECT_MODIFIED,
): StatusError =>
  new StatusError(
    failure(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${qualifiedResource(subject)} "${name}": ${why}`,
      detailsOf(subject, name),
    ),
  );

/** 403 with causes, as admission answers it. */
export const forbidden = (
  subject: Pick<ErrorSubject, 'group' | 'resource'>,
  name: string,
  why: string,
  causes: readonly StatusCause[] = [],
): StatusError =>
  new StatusError(
    failure(403, 'Forbidden', `${qualifiedResource(subject)}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`, {
      ...detailsOf(subject, name),
      ...(causes.length === 0 ? {} : { causes }),
    }),
  );

/** 422: the object breaks rules, each with its field. */
export function invalid(
  subject: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly StatusCause[],
): StatusError {
  const parts = causes.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`);
  const list = parts.length === 1 ? (parts[0] ?? '') : `[${parts.join(', ')}]`;
  return new StatusError(
    failure(422, 'Invalid', `${qualified(subject.kind, subject.group)} "${name}" is invalid: ${list}`, {
      ...(name === '' ? {} : { name }),
      ...(subject.group === '' ? {} : { group: subject.group }),
      kind: subject.kind,
      causes,
    }),
  );
}

/** 410: the history does not reach back that far. */
export const expired = (message: string, continueToken?: string): StatusError => {
  const status = failure(410, 'Expired', message);
  return new StatusError(continueToken === undefined ? status : { ...status, metadata: { continue: continueToken } });
};

/** 504: the caller asks for a resourceVersion that the server has not reached. */
export const resourceVersionTooLarge = (asked: string, current: string): StatusError =>
  new StatusError(
    failure(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    }),
  );
