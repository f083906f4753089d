import { StatusError, type StatusCause } from '../../protocol/status.ts';

/** 400: the body is no patch of the type that it claims to be. */
export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message);
}

/** 422: the patch is well formed and does not fit the object. */
export function unprocessable(message: string): StatusError {
  return failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`);
}

/** 415: this resource does not take patches of that type. */
export function unsupportedPatch(message: string): StatusError {
  return failure(415, 'UnsupportedMediaType', message);
}

/** 409: fields of an apply belong to other managers. */
export function applyConflict(message: string, causes: readonly StatusCause[]): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'Conflict',
    details: { causes },
    code: 409,
  });
}

function failure(code: number, reason: string, message: string): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  });
}
