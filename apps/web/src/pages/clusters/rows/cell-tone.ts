/** Columns that tell how an object is doing. */
const stateColumns = /^(status|phase|ready|state|health|synced|available|type|reason)$/i;

const bad =
  /fail|error|backoff|evicted|oomkilled|notready|^lost$|^unknown$|invalid|unhealthy|unreachable|deadline|unavailable/i;
const busy =
  /pending|creating|^init:|terminating|progress|unschedulable|schedulingdisabled|^warning$|notscheduled|suspended|waiting/i;

/** How a cell's text looks: something is wrong, or something is going on; undefined for everything else. */
export function cellTone(columnTitle: string, text: string): 'busy' | 'bad' | undefined {
  if (!stateColumns.test(columnTitle)) return undefined;
  const ratio = /^(\d+)\/(\d+)$/.exec(text);
  if (ratio !== null) return ratio[1] === ratio[2] ? undefined : 'busy';
  if (bad.test(text)) return 'bad';
  return busy.test(text) || (text === 'False' && columnTitle !== 'Type') ? 'busy' : undefined;
}
