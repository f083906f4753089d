/** What a printed cell is compared by: a number before any text, and nothing at all last. */
export type SortValue = number | string | undefined;

/** Suffixes of quantities (Kubernetes documentation, resource.Quantity) and of bytes; `m` is a thousandth. */
const quantitySuffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const durationSeconds: Readonly<Record<string, number>> = { y: 31_536_000, d: 86_400, h: 3_600, m: 60, s: 1 };

/** What a server prints where there is nothing. */
const nothing = new Set(['', '<none>', '<unset>', '<unknown>', '<nil>', '-']);

/** Columns whose `5m` are minutes; elsewhere `m` is the thousandth of a quantity. */
const durationColumn = /age|duration|since|seen|last|time|schedule|ago|expir/i;

/**
 * The value of a cell, by what is printed: numbers, quantities (`500Mi`, `100m`), durations (`3d4h`), ratios (`1/3`),
 * percentages, and a number with a remark behind it (`2 (5m ago)`) are numbers; anything else is text.
 */
export function sortValueOf(cell: unknown, columnName: string): SortValue {
  if (typeof cell === 'number') return Number.isNaN(cell) ? undefined : cell;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  if (typeof cell !== 'string') return cell === null || cell === undefined ? undefined : JSON.stringify(cell);
  const text = cell.trim();
  if (nothing.has(text)) return undefined;
  // Most cells are words: look no further.
  if (!/^[-+]?[0-9.]/.test(text)) return text;
  return numberOf(text.replace(/ \(.*\)$/, ''), durationColumn.test(columnName)) ?? text;
}

function numberOf(text: string, isDuration: boolean): number | undefined {
  if (isDuration) return durationOf(text) ?? quantityOf(text);
  return quantityOf(text) ?? durationOf(text) ?? ratioOf(text);
}

function quantityOf(text: string): number | undefined {
  const [, digits = '', suffix = ''] = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)([a-zA-Z]{0,2}|%)$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const factor = suffix === '' || suffix === '%' ? 1 : quantitySuffixes[suffix];
  return factor === undefined ? undefined : Number(digits) * factor;
}

function durationOf(text: string): number | undefined {
  if (!/^(?:\d+[ydhms])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, digits, unit = 's'] of text.matchAll(/(\d+)([ydhms])/g)) {
    seconds += Number(digits) * (durationSeconds[unit] ?? 0);
  }
  return seconds;
}

/** How much of it there is; of the same share the smaller whole comes first. */
function ratioOf(text: string): number | undefined {
  const [, part, whole] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (part === undefined || whole === undefined) return undefined;
  return (Number(whole) === 0 ? 1 : Number(part) / Number(whole)) + Number(whole) / 1e9;
}

const texts = new Intl.Collator('en', { numeric: true });

/** Orders two values upwards; numbers come before texts, and texts count their digits (`node-9` before `node-10`). */
export function compareValues(a: SortValue, b: SortValue): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  return typeof b === 'number' ? 1 : texts.compare(a, b);
}
