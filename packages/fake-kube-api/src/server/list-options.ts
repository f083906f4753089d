import type { StatusCause } from '../protocol/status.ts';
import { invalid } from '../core/status-errors.ts';

const MATCHES = ['Exact', 'NotOlderThan'];

const forbidden = (field: string, why: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});

const unsupportedMatch = (match: string, supported: readonly string[]): StatusCause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: "${match}": supported values: ${supported.map((value) => `"${value}"`).join(', ')}`,
  field: 'resourceVersionMatch',
});

function refuse(causes: readonly StatusCause[]): void {
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
}

/** @throws StatusError 422 for options of a list that do not go together (Kubernetes documentation, API concepts). */
export function checkListOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const resourceVersion = query.get('resourceVersion') ?? '';
  const field = 'resourceVersionMatch';
  const causes: StatusCause[] = [];
  if (match !== '') {
    if (resourceVersion === '') {
      causes.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    }
    if ((query.get('continue') ?? '') !== '') {
      causes.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
    }
    if (!MATCHES.includes(match)) causes.push(unsupportedMatch(match, [...MATCHES, '']));
    if (match === 'Exact' && resourceVersion === '0') {
      causes.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (query.has('sendInitialEvents')) {
    causes.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  refuse(causes);
}

/** @throws StatusError 422 for options of a watch that do not go together, or `sendInitialEvents` where it is off. */
export function checkWatchOptions(query: URLSearchParams, noWatchList: boolean): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const hasInitial = query.has('sendInitialEvents');
  const field = 'resourceVersionMatch';
  const causes: StatusCause[] = [];
  if (hasInitial && match !== 'NotOlderThan') {
    causes.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (hasInitial && noWatchList) {
    causes.push(
      forbidden(
        'sendInitialEvents',
        'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      ),
    );
  }
  if (match !== '' && !hasInitial) {
    causes.push(forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  }
  if (match !== '' && match !== 'NotOlderThan') causes.push(unsupportedMatch(match, ['NotOlderThan']));
  refuse(causes);
}
