import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closingLine, summarizeTasks, type TaskRecord } from '../summarize-run.ts';

describe('the summary of a run', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'fleetwire-summary-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const task = (taskId: string, over: Partial<TaskRecord> = {}): TaskRecord => {
    const [name = '', kind = ''] = taskId.split('#');
    return { taskId, task: kind, directory: name, command: 'run', execution: { exitCode: 0 }, ...over };
  };
  const counts = (name: string, passed: number, failed: number, skippedTitles: string[] = []) => {
    mkdirSync(join(root, name, '.counts'), { recursive: true });
    const text = JSON.stringify({ passed, failed, skipped: skippedTitles.length, skippedTitles });
    writeFileSync(join(root, name, '.counts', 'vitest.json'), text);
  };

  it('counts every test of a package and every other task as one', () => {
    counts('a', 7, 0, ['x.test.ts > needs Redis']);
    const summary = summarizeTasks([task('a#build'), task('a#test'), task('b#lint')], root);
    expect(closingLine(summary)).toBe('9 passed, 0 failed, 1 skipped');
    expect(summary.skips).toEqual(['a: x.test.ts > needs Redis']);
  });

  it('counts a replayed task like one that ran', () => {
    counts('a', 7, 0);
    const replayed = { execution: null, cache: { status: 'HIT' } };
    expect(closingLine(summarizeTasks([task('a#build', replayed), task('a#test', replayed)], root))).toBe(
      '8 passed, 0 failed, 0 skipped',
    );
  });

  it('counts a task that failed, and one that could not run because of it', () => {
    const summary = summarizeTasks(
      [task('a#build', { execution: { exitCode: 2 } }), task('a#lint', { execution: null })],
      root,
    );
    expect(closingLine(summary)).toBe('0 passed, 2 failed, 0 skipped');
    expect(summary.failures).toEqual(['a#build', 'a#lint (not run)']);
  });

  it('is not fooled by counts that an earlier run left behind', () => {
    counts('a', 7, 0);
    expect(summarizeTasks([task('a#test', { execution: { exitCode: 1 } })], root).failed).toBe(1);
  });

  it('leaves out tasks for which a package has no script', () => {
    expect(closingLine(summarizeTasks([task('a#package', { command: '<NONEXISTENT>' })], root))).toBe(
      '0 passed, 0 failed, 0 skipped',
    );
  });
});
