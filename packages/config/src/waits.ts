// A vitest setup file, run before each test file: `vi.waitFor` waits as long as `expect.poll` does under `vitestConfig`, for
// its own default of a second has no setting; and no file leaves a changed clock, module or global to the next of its worker.
import { afterAll, vi } from 'vitest';

const timeout = 30_000;
const patience = Symbol.for('fleetwire.patient-wait');

if (!(patience in vi.waitFor)) {
  const { waitFor } = vi;
  const wait: typeof waitFor = (callback, options = {}) =>
    waitFor(callback, typeof options === 'number' ? options : { timeout, ...options });
  vi.waitFor = Object.assign(wait, { [patience]: true });
}

afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
