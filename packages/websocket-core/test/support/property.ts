import process from 'node:process';
import fc, { type IRawProperty, type Parameters } from 'fast-check';

const budgetSeconds = Number(process.env['FLEETWIRE_FUZZ_SECONDS'] ?? '0');
const isFull = process.env['FLEETWIRE_TEST_SCALE'] === 'full';

/** Time that one property may take, with a margin for a loaded machine; for vitest's `timeout`. */
export const propertyTimeoutMs = budgetSeconds > 0 ? budgetSeconds * 1_000 + 60_000 : isFull ? 600_000 : 60_000;

/**
 * Checks a property: `runs` times in the normal run, fifty times as often under FLEETWIRE_TEST_SCALE=full, and for
 * FLEETWIRE_FUZZ_SECONDS when that is set. A failure prints the seed and the smallest counterexample.
 */
export function checkProperty<T>(property: IRawProperty<T, false>, runs: number): void {
  fc.assert(property, parametersFor<T>(runs));
}

/** {@link checkProperty} for properties that wait. */
export async function checkAsyncProperty<T>(property: IRawProperty<T, true>, runs: number): Promise<void> {
  await fc.assert(property, parametersFor<T>(runs));
}

function parametersFor<T>(runs: number): Parameters<T> {
  if (budgetSeconds > 0) {
    return {
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: budgetSeconds * 1_000,
      markInterruptAsFailure: false,
    };
  }
  return { numRuns: isFull ? runs * 50 : runs };
}
