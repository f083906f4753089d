// A vitest setup file: `vi.waitFor` waits as long as `expect.poll` does under `vitestConfig`, for its own default of a
// second has no setting.
import { vi } from 'vitest';

const timeout = 30_000;
const { waitFor } = vi;
vi.waitFor = (callback, options = {}) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout, ...options });
