import { FleetwireError } from '../../src/core/errors.ts';

/** What came of requests, as conformance cases look at it. */
export interface Outcomes {
  readonly watch: (name: string, promise: Promise<unknown>) => void;
  readonly of: (name: string) => unknown;
}

/** Keeps `{pending: true}`, `{result}` or `{error: code, maybeExecuted}` by name. */
export function outcomesOfPromises(): Outcomes {
  const outcomes = new Map<string, unknown>();
  return {
    watch(name, promise) {
      outcomes.set(name, { pending: true });
      promise.then(
        (result) => outcomes.set(name, { result }),
        (error: unknown) => {
          if (!(error instanceof FleetwireError)) throw error;
          outcomes.set(name, { error: error.code, maybeExecuted: error.maybeExecuted });
        },
      );
    },
    of: (name) => outcomes.get(name),
  };
}
