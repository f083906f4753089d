// `pnpm test`: every check of the workspace in one turbo run, then what it came to. Arguments go to turbo
// (`pnpm test --affected`, `pnpm test --filter=@fleetwire/kube-watch`).
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { closingLine, readLatestRun, summarizeTasks } from './summarize-run.ts';

const root = dirname(import.meta.dirname);
const PACKAGE_TASKS = ['build', 'lint', 'typecheck', 'test', 'package'];
const ROOT_TASKS = ['check:boundaries', 'check:knip', 'check:rules', 'check:format'];

function runTurbo(): number {
  rmSync(join(root, '.turbo', 'runs'), { recursive: true, force: true });
  const args = ['run', ...PACKAGE_TASKS, ...ROOT_TASKS, '--output-logs=new-only', '--summarize'];
  // One failure must not hide the next: only what depends on a failed task is left out.
  args.push('--continue=dependencies-successful', ...process.argv.slice(2));
  const turbo = spawnSync(process.execPath, [join(root, 'scripts', 'turbo.mjs'), ...args], {
    stdio: 'inherit',
    cwd: root,
  });
  return turbo.status ?? 1;
}

function main(): void {
  const startedAt = performance.now();
  const status = runTurbo();
  const tasks = readLatestRun(root);
  const summary =
    tasks === undefined
      ? { passed: 0, failed: 1, skipped: 0, failures: ['turbo left no summary of its run'], skips: [] }
      : summarizeTasks(tasks, root);
  const lines = [
    ...(summary.skips.length > 0 ? ['Skipped (`.ci/run` as root installs what they need):'] : []),
    ...summary.skips.map((title) => `  ${title}`),
    ...(summary.failures.length > 0 ? ['Failed:'] : []),
    ...summary.failures.map((name) => `  ${name}`),
    `Wall time ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
    closingLine(status !== 0 && summary.failed === 0 ? { ...summary, failed: 1 } : summary),
  ];
  const text = `${lines.join('\n')}\n`;
  mkdirSync(join(root, '.turbo'), { recursive: true });
  writeFileSync(join(root, '.turbo', 'summary.txt'), text);
  process.stdout.write(text);
  process.exitCode = status === 0 && summary.failed === 0 ? 0 : 1;
}

main();
