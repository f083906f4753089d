import type { ReactElement } from 'react';
import { sparkHeight, sparklinePaths, sparkWidth, type Point } from './sparkline-path.ts';

/** A small line of the last `spanMs`; `label` says in words what it shows. */
export function Sparkline(props: {
  readonly points: readonly Point[];
  readonly spanMs: number;
  readonly max: number;
  readonly label: string;
}): ReactElement {
  const { line, area } = sparklinePaths(props.points, props.spanMs, props.max);
  return (
    <svg
      className="fw-spark"
      role="img"
      aria-label={props.label}
      viewBox={`0 0 ${String(sparkWidth)} ${String(sparkHeight)}`}
      preserveAspectRatio="none"
    >
      <path className="fw-spark-area" d={area} />
      <path className="fw-spark-line" d={line} />
    </svg>
  );
}
