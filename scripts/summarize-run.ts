// Adds up what one turbo run came to: each package's tests by its counts file, every other task as one check.
// A counts file is an output of the task that wrote it, so a replayed task brings the right numbers with it.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A turbo task as its run summary (`--summarize`) describes it. */
export interface TaskRecord {
  readonly taskId: string;
  readonly task: string;
  readonly directory: string;
  readonly command: string;
  readonly execution?: { readonly exitCode?: number | null } | null;
  readonly cache?: { readonly status?: string };
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skippedTitles?: readonly string[];
}

/** The sum over all runners, with the names behind the numbers that need attention. */
export interface RunSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
  readonly skips: readonly string[];
}

const NO_SCRIPT = '<NONEXISTENT>';

function readCounts(directory: string): Counts | undefined {
  const files = globSync('.counts/*.json', { cwd: directory });
  if (files.length === 0) return undefined;
  const all = files.map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as Counts);
  const sum = (pick: (counts: Counts) => number) => all.reduce((total, counts) => total + pick(counts), 0);
  return {
    passed: sum((counts) => counts.passed),
    failed: sum((counts) => counts.failed),
    skipped: sum((counts) => counts.skipped),
    skippedTitles: all.flatMap((counts) => counts.skippedTitles ?? []),
  };
}

function succeeded(task: TaskRecord): boolean {
  return task.execution?.exitCode === 0 || (task.execution == null && task.cache?.status === 'HIT');
}

/** Sums the tasks of one run; `root` is the folder that the tasks' directories are relative to. */
export function summarizeTasks(tasks: readonly TaskRecord[], root: string): RunSummary {
  let [passed, failed, skipped] = [0, 0, 0];
  const failures: string[] = [];
  const skips: string[] = [];
  for (const task of tasks) {
    if (task.command === NO_SCRIPT) continue;
    const ok = succeeded(task);
    const counts = task.task === 'test' ? readCounts(join(root, task.directory)) : undefined;
    if (counts === undefined) {
      if (ok) passed += 1;
      else failed += 1;
    } else {
      passed += counts.passed;
      skipped += counts.skipped;
      // A runner that dies before it counts must not look green.
      failed += ok ? counts.failed : Math.max(1, counts.failed);
      for (const title of counts.skippedTitles ?? []) skips.push(`${basename(task.directory)}: ${title}`);
    }
    if (!ok) failures.push(task.execution?.exitCode == null ? `${task.taskId} (not run)` : task.taskId);
  }
  return { passed, failed, skipped, failures, skips };
}

/** The newest run summary that turbo left under `root`, or undefined when it left none. */
export function readLatestRun(root: string): readonly TaskRecord[] | undefined {
  const dir = join(root, '.turbo', 'runs');
  if (!existsSync(dir)) return undefined;
  const runs = globSync('*.json', { cwd: dir }).map((file) => JSON.parse(readFileSync(join(dir, file), 'utf8')) as Run);
  runs.sort((a, b) => b.execution.startTime - a.execution.startTime);
  return runs[0]?.tasks;
}

interface Run {
  readonly execution: { readonly startTime: number };
  readonly tasks: readonly TaskRecord[];
}

/** The closing line that `.ci/run` promises. */
export function closingLine(summary: Pick<RunSummary, 'passed' | 'failed' | 'skipped'>): string {
  return `${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`;
}
