/** Positions have 1 to 200 characters on the wire; receivers end their connection for others (websocket-core). */
const maxPositionLength = 200;

/**
 * Whether a watch from here is answered with all that there is, in no order, and then goes on: API servers take any
 * spelling of zero for that (Kubernetes documentation, API concepts, § Semantics for watch).
 */
export function isZero(position: string): boolean {
  return /^0*$/.test(position);
}

/** Whether what a cluster calls a resourceVersion can be a position; another one counts as none. */
export function isPosition(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxPositionLength;
}
