import process from 'node:process';

/** Whether this is the run with the counts that the documents name, in place of the everyday ones. */
export const isFull = process.env['FLEETWIRE_TEST_SCALE'] === 'full';

/** A count of this run: what the variable says, else that of its scale. */
export function countOf(variable: string, { everyday, full }: Readonly<Record<'everyday' | 'full', number>>): number {
  const given = Number(process.env[variable] ?? '');
  return Number.isInteger(given) && given > 0 ? given : isFull ? full : everyday;
}
