/** A duration in its two largest units: `45 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes === 0) return `${String(seconds)} s`;
  if (hours === 0) return join(minutes, 'min', seconds % 60, 's');
  if (days === 0) return join(hours, 'h', minutes % 60, 'min');
  return join(days, 'd', hours % 24, 'h');
}

/** How long ago, in one unit: `now`, `12 s ago`, `3 min ago`. */
export function formatAgo(ms: number): string {
  if (ms < 1_000) return 'now';
  const [first = '', unit = ''] = formatDuration(ms).split(' ');
  return `${first} ${unit} ago`;
}

/** An age as kubectl prints it, short enough for a column: `45s`, `5m30s`, `3h`, `2d4h`, `1y30d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes < 2) return `${String(seconds)}s`;
  if (minutes < 10) return joinShort(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${String(minutes)}m`;
  if (hours < 8) return joinShort(hours, 'h', minutes % 60, 'm');
  if (days < 2) return `${String(hours)}h`;
  if (days < 8) return joinShort(days, 'd', hours % 24, 'h');
  if (days < 730) return `${String(days)}d`;
  return joinShort(Math.floor(days / 365), 'y', days % 365, 'd');
}

function joinShort(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return `${String(first)}${firstUnit}${second === 0 ? '' : `${String(second)}${secondUnit}`}`;
}

/** Bytes in binary units with three digits: `512 B`, `1.50 KiB`, `86.2 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < 4) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit] ?? ''}`;
}

const counts = new Intl.NumberFormat('en');

/** A count with its thousands apart: `10,041`. */
export function formatCount(count: number): string {
  return counts.format(count);
}

/** Milliseconds with a digit after the point below 100: `0.4 ms`, `120 ms`. */
export function formatMs(ms: number): string {
  return `${ms < 99.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

function join(first: number, firstUnit: string, second: number, secondUnit: string): string {
  const head = `${String(first)} ${firstUnit}`;
  return second === 0 ? head : `${head} ${String(second)} ${secondUnit}`;
}
