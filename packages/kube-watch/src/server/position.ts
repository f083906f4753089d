/** Positions have 1 to 200 characters on the wire; receivers end their connection for others (websocket-core). */
const maxPositionLength = 200;

/** Whether what a cluster calls a resourceVersion can be a position; another one counts as none. */
export function isPosition(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxPositionLength;
}
