import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { CountsReporter } from './counts.ts';

/** Settings of every package's vitest: tests stand beside the source, or in `test/` when they span folders. */
export const vitestConfig: ViteUserConfig = defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
    // Two cores run several packages at once: a test that takes 2 s alone may take 30 s in the whole run.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Nor is a second enough for what is waited for; a wait ends as soon as its condition holds.
    expect: { poll: { timeout: 30_000 } },
    setupFiles: [fileURLToPath(import.meta.resolve('@fleetwire/config/waits'))],
    // turbo already runs packages side by side, so more workers than this only make timings worse.
    maxWorkers: 2,
    passWithNoTests: true,
    env: { NO_COLOR: '1' },
    reporters: ['default', new CountsReporter()],
  },
});
