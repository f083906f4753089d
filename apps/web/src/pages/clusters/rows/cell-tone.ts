/** Columns that tell how an object is doing. */
const stateColumns = /^(status|phase|ready|state|health|synced|available|type|reason)$/i;

const bad =
  /fail|error|backoff|evicted|oomkilled|notready|^lost$|^unknown$|invalid|unhealthy|unreachable|deadline|unavailable/i;
const busy =
  /pending|creating|^init:|terminating|progress|unschedulable|schedulingdisabled|^warning$|notscheduled|suspended|waiting/i;

/** What has done its work is ready no more, and nothing is wrong. */
const done = /^(completed?|succeeded)$/i;

/**
 * How a cell's text looks: something is wrong, or something is going on; undefined for everything else. `cells` are all
 * of its row.
 */
export function cellTone(columnTitle: string, text: string, cells: readonly unknown[]): 'busy' | 'bad' | undefined {
  if (!stateColumns.test(columnTitle)) return undefined;
  const ratio = /^(\d+)\/(\d+)$/.exec(text);
  if (ratio !== null) {
    const isDone = cells.some((cell) => typeof cell === 'string' && done.test(cell));
    return ratio[1] === ratio[2] || isDone ? undefined : 'busy';
  }
  if (bad.test(text)) return 'bad';
  return busy.test(text) || (text === 'False' && columnTitle !== 'Type') ? 'busy' : undefined;
}
