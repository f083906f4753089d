import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';
import { CountsReporter } from './counts.ts';

/**
 * Settings of every package's vitest: tests stand beside the source, or in `test/` when they span folders. The files that
 * a worker runs share their modules; see {@link withOwnWorkers} for those that must not.
 */
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
    // To load the modules again for each file costs more than many of the tests.
    isolate: false,
    passWithNoTests: true,
    env: { NO_COLOR: '1' },
    reporters: ['default', new CountsReporter()],
  },
});

/**
 * {@link vitestConfig} for a package where some files replace modules (`vi.mock`) or look at all that their process holds:
 * each of these has a worker of its own, and none of `shared`, the further settings of the others.
 */
export function withOwnWorkers(files: string[], shared: ViteUserConfig['test'] = {}): ViteUserConfig {
  const { reporters = [], maxWorkers = 2, ...each } = vitestConfig.test ?? {};
  return defineConfig({
    test: {
      reporters,
      maxWorkers,
      projects: [
        { test: { ...each, ...shared, name: 'shared', exclude: [...configDefaults.exclude, ...files] } },
        { test: { ...each, name: 'alone', include: files, isolate: true } },
      ],
    },
  });
}
