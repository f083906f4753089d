const SECOND_MS = 1000;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
const YEAR_D = 365;

/** Time from `thenMs` to `nowMs`, as kubectl shows ages (k8s.io/apimachinery, `duration.HumanDuration`). */
export function durationSince(thenMs: number, nowMs: number): string {
  return humanDuration(nowMs - thenMs);
}

/**
 * A duration with two significant units at most, the second one only while the first is small: `119s`, `9m59s`, `10m`,
 * `7h59m`, `8h`, `47h`, `7d23h`, `8d`, `2y`. Less than nothing (clocks differ) is `0s`, far less is `<invalid>`.
 */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / SECOND_MS);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * MINUTE_S) return `${seconds}s`;
  const minutes = Math.trunc(seconds / MINUTE_S);
  if (minutes < 10) return withRest(minutes, 'm', seconds % MINUTE_S, 's');
  if (minutes < 3 * 60) return `${minutes}m`;
  const hours = Math.trunc(seconds / HOUR_S);
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(seconds / DAY_S);
  if (days < 8) return withRest(days, 'd', hours % 24, 'h');
  if (days < 2 * YEAR_D) return `${days}d`;
  const years = Math.trunc(days / YEAR_D);
  if (years < 8) return withRest(years, 'y', days % YEAR_D, 'd');
  return `${years}y`;
}

function withRest(amount: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${amount}${unit}` : `${amount}${unit}${rest}${restUnit}`;
}
