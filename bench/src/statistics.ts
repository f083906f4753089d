/** Value at `fraction` (0 to 1) of the sorted values; NaN when there are none. */
export function quantile(values: Iterable<number>, fraction: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? NaN;
}

export function median(values: Iterable<number>): number {
  return quantile(values, 0.5);
}
