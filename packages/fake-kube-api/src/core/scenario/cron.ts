// Schedules of cron jobs: five fields, in UTC (Kubernetes documentation, CronJob: schedule syntax).

const FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MINUTE_MS = 60_000;
/** Long enough for the 29th of February. */
const MAX_DAYS = 8 * 366;

/** A parsed schedule. */
export interface CronSchedule {
  readonly sets: readonly ReadonlySet<number>[];
  /** With both days given, either is enough. */
  readonly isEitherDay: boolean;
}

function parseField(field: string, [lowest, highest]: readonly [number, number]): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const [, all, from, to, step] = match;
    const first = all === '*' ? lowest : Number(from);
    const last = all === '*' ? highest : to !== undefined ? Number(to) : step === undefined ? first : highest;
    if (first < lowest || last > highest || first > last || step === '0') return undefined;
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

/** Parses a schedule; undefined for what is none. */
export function parseCron(text: string): CronSchedule | undefined {
  const fields = (MACROS[text.trim()] ?? text.trim()).split(/\s+/);
  if (fields.length !== FIELDS.length) return undefined;
  const sets = fields.map((field, index) => parseField(field, FIELDS[index] ?? [0, 0]));
  if (sets.some((set) => set === undefined)) return undefined;
  const isEitherDay = fields[2] !== '*' && fields[4] !== '*';
  return { sets: sets as readonly ReadonlySet<number>[], isEitherDay };
}

/** The first minute after `afterMs` that a schedule names; undefined where none comes within eight years. */
export function nextRunAt({ sets, isEitherDay }: CronSchedule, afterMs: number): number | undefined {
  const [minutes, hours, days, months, weekdays] = sets;
  const isDay = (date: Date) => {
    if (months?.has(date.getUTCMonth() + 1) !== true) return false;
    const inMonth = days?.has(date.getUTCDate()) === true;
    const weekday = date.getUTCDay();
    const inWeek = weekdays?.has(weekday) === true || (weekday === 0 && weekdays?.has(7) === true);
    return isEitherDay ? inMonth || inWeek : inMonth && inWeek;
  };
  let atMs = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  for (let skipped = 0; skipped < MAX_DAYS;) {
    const date = new Date(atMs);
    if (!isDay(date)) {
      atMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1);
      skipped++;
    } else if (hours?.has(date.getUTCHours()) !== true) {
      atMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours() + 1);
    } else if (minutes?.has(date.getUTCMinutes()) !== true) {
      atMs += MINUTE_MS;
    } else {
      return atMs;
    }
  }
  return undefined;
}
