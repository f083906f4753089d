/** What a row must reach: its ratio (or its value, where no peer stands beside it) at least or at most `limit`. */
export interface Bar {
  readonly kind: 'at-least' | 'at-most';
  readonly limit: number;
}

/** One line of the result. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly fleetwire: number;
  /** What stands beside it, and what that came to; absent for absolute rows. */
  readonly peer?: { readonly name: string; readonly value: number } | undefined;
  /** Fleetwire divided by the peer; the value itself where there is no peer. */
  readonly ratio: number;
  /** Absent for rows that only inform. */
  readonly bar?: Bar | undefined;
  readonly met?: boolean | undefined;
  readonly note?: string | undefined;
}

export type RowInput = Omit<Row, 'ratio' | 'met'> & { readonly ratio?: number };

/** Completes a row. `ratio` is given where it is the median of the rounds' ratios rather than the ratio of medians. */
export function createRow(input: RowInput): Row {
  const ratio = input.ratio ?? (input.peer === undefined ? input.fleetwire : input.fleetwire / input.peer.value);
  const { bar } = input;
  if (bar === undefined) return { ...input, ratio };
  return { ...input, ratio, met: bar.kind === 'at-least' ? ratio >= bar.limit : ratio <= bar.limit };
}

const numbers = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

function describeBar(row: Row): string {
  if (row.bar === undefined) return '';
  return `${row.bar.kind === 'at-least' ? '≥' : '≤'} ${numbers.format(row.bar.limit)}`;
}

function describeMet(row: Row): string {
  return row.met === undefined ? '' : row.met ? 'met' : 'NOT MET';
}

/** The rows as a Markdown table, its columns aligned for a terminal. */
export function formatTable(rows: readonly Row[]): string {
  const header = ['measured', 'unit', 'fleetwire', 'beside', 'its value', 'ratio', 'bar', ''];
  const cells = rows.map((row) => [
    row.title,
    row.unit,
    numbers.format(row.fleetwire),
    row.peer?.name ?? '',
    row.peer === undefined ? '' : numbers.format(row.peer.value),
    row.peer === undefined ? '' : row.ratio.toFixed(2),
    describeBar(row),
    describeMet(row),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, 3, ...cells.map((line) => (line[column] as string).length)),
  );
  const line = (values: readonly string[]): string =>
    `| ${values.map((value, column) => value.padEnd(widths[column] as number)).join(' | ')} |`;
  return [line(header), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...cells.map(line)].join('\n');
}
