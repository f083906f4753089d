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

/** Milliseconds with a digit after the point below 100: `0.4 ms`, `120 ms`. */
export function formatMs(ms: number): string {
  return `${ms < 99.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

function join(first: number, firstUnit: string, second: number, secondUnit: string): string {
  const head = `${String(first)} ${firstUnit}`;
  return second === 0 ? head : `${head} ${String(second)} ${secondUnit}`;
}
