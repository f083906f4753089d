import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = dirname(import.meta.dirname.replace(/\/test$/, ''));
const turbo = join(root, 'node_modules', '.bin', 'turbo');

describe('the affected graph', () => {
  let clone: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', ...args], {
      cwd: clone,
      encoding: 'utf8',
    });

  beforeAll(() => {
    clone = mkdtempSync(join(tmpdir(), 'fleetwire-affected-'));
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    for (const file of listed.toString('utf8').split('\0').filter(Boolean)) {
      // A file that was deleted and not committed yet is listed too.
      if (!existsSync(join(root, file))) continue;
      mkdirSync(dirname(join(clone, file)), { recursive: true });
      copyFileSync(join(root, file), join(clone, file));
    }
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('commit', '-q', '-m', 'base');
  });
  afterAll(() => rmSync(clone, { recursive: true, force: true }));

  /** Packages whose tests a change of one file runs. */
  function affectedBy(file: string): string[] {
    appendFileSync(join(clone, file), '\n');
    git('commit', '-q', '-a', '-m', 'change');
    const output = execFileSync(turbo, ['run', 'test', '--affected', '--dry=json'], {
      cwd: clone,
      encoding: 'utf8',
      env: { ...process.env, DO_NOT_TRACK: '1', TURBO_SCM_BASE: 'HEAD~1', TURBO_SCM_HEAD: 'HEAD' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { tasks } = JSON.parse(output) as { tasks: { taskId: string; task: string; package: string }[] };
    return tasks.filter(({ task }) => task === 'test').map(({ package: name }) => name);
  }

  it("a change in vm-console runs vm-console's tests and not kube-watch's", () => {
    const affected = affectedBy('packages/vm-console/src/index.ts');
    expect(affected).toContain('@fleetwire/vm-console');
    expect(affected).not.toContain('@fleetwire/kube-watch');
    expect(affected).not.toContain('@fleetwire/websocket-core');
  });

  it('a change in websocket-core runs the tests of everything that stands on it', () => {
    expect(affectedBy('packages/websocket-core/src/index.ts')).toEqual(
      expect.arrayContaining([
        '@fleetwire/websocket-core',
        '@fleetwire/kube-watch',
        '@fleetwire/agent-hub',
        '@fleetwire/vm-console',
        '@fleetwire/plugin-manager',
        '@fleetwire/server',
        '@fleetwire/web',
      ]),
    );
  });

  it('a change of a document runs the tests that compare it with code, and no others', () => {
    const affected = affectedBy('docs/errors.md');
    expect(affected).toContain('@fleetwire/websocket-core');
    expect(affected).not.toContain('@fleetwire/kube-watch');
  });
});
