import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** What one test run of one package came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Full titles of the tests that were skipped, so that a summary can name them. */
  readonly skippedTitles: readonly string[];
}

/** Folder, relative to a package, where counts are written; it is an output of turbo's `test` task. */
const COUNTS_DIR = '.counts';

/** Writes {@link Counts} as `.counts/<name>.json` in the package, for the summary of the whole run. */
export class CountsReporter implements Reporter {
  readonly #name: string;
  #root = '.';

  constructor(name = 'vitest') {
    this.#name = name;
  }

  onInit(vitest: Vitest): void {
    this.#root = vitest.config.root;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, skippedTitles: [] as string[] };
    for (const module of modules) {
      const before = counts.failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else {
          counts.skipped += 1;
          counts.skippedTitles.push(`${module.relativeModuleId} > ${test.fullName}`);
        }
      }
      // A file that fails to load, or a hook that throws, fails no test; it still fails the run.
      if (counts.failed === before && module.state() === 'failed') counts.failed += 1;
    }
    const dir = join(this.#root, COUNTS_DIR);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `${this.#name}.json`), `${JSON.stringify(counts satisfies Counts, null, 2)}\n`);
  }
}
