import { StatusError, type StatusCause } from '../../protocol/status.ts';
import { failure } from '../status-errors.ts';

/** 422: the patch is well formed and does not fit the object. */
export function unprocessable(message: string): StatusError {
  return new StatusError(
    failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`),
  );
}

/** 415: this resource does not take patches of that type. */
export function unsupportedPatch(message: string): StatusError {
  return new StatusError(failure(415, 'UnsupportedMediaType', message));
}

/** 409: fields of an apply belong to other managers. */
export function applyConflict(message: string, causes: readonly StatusCause[]): StatusError {
  return new StatusError(failure(409, 'Conflict', message, { causes }));
}
