/** One measured value. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** Drawing space of a sparkline; it is stretched to its box. */
export const sparkWidth = 240;
export const sparkHeight = 52;

/** More than the slowest regular interval (polling, every two seconds): samples were missed, and the line must not hide it. */
const maxGapMs = 3_500;

/** Paths of a line and of the area below it, over the `spanMs` before the last point; empty without points. */
export function sparklinePaths(
  points: readonly Point[],
  spanMs: number,
  max: number,
): { readonly line: string; readonly area: string } {
  const end = points.at(-1)?.at ?? 0;
  const x = (at: number): string => (sparkWidth * (1 - (end - at) / spanMs)).toFixed(1);
  const y = (value: number): string =>
    (sparkHeight - 2 - (sparkHeight - 4) * Math.min(1, max === 0 ? 0 : value / max)).toFixed(1);
  let line = '';
  let area = '';
  let run: Point[] = [];
  const close = (): void => {
    const first = run[0];
    const last = run.at(-1);
    if (first === undefined || last === undefined) return;
    const steps = run.map(({ at, value }) => `${x(at)} ${y(value)}`).join('L');
    line += `M${steps}`;
    area += `M${x(first.at)} ${String(sparkHeight)}L${steps}L${x(last.at)} ${String(sparkHeight)}Z`;
    run = [];
  };
  for (const point of points.filter(({ at }) => end - at <= spanMs)) {
    if (point.at - (run.at(-1)?.at ?? point.at) > maxGapMs) close();
    run.push(point);
  }
  close();
  return { line, area };
}
