import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';

const root = dirname(dirname(import.meta.dirname));

/** What a turbo command said, and how it ended. */
export interface TurboResult {
  readonly status: number | null;
  readonly stdout: string;
  /** Both streams, for a message that may be on either. */
  readonly output: string;
}

/** A copy of the workspace's files, changed ones included, as a repository of its own that a test may alter. */
export interface WorkspaceCopy {
  readonly dir: string;
  git(...args: string[]): string;
  turbo(args: readonly string[], environment?: Readonly<Record<string, string>>): TurboResult;
  dispose(): void;
}

/** Makes a {@link WorkspaceCopy} without node_modules: enough for what turbo reads. */
export function createWorkspaceCopy(): WorkspaceCopy {
  const dir = mkdtempSync(join(tmpdir(), 'fleetwire-copy-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of listed.toString('utf8').split('\0').filter(Boolean)) {
    // A file that was deleted and not committed yet is listed too.
    if (!existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    copyFileSync(join(root, file), join(dir, file));
  }
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid'];
  const git = (...args: string[]) => execFileSync('git', [...author, ...args], { cwd: dir, encoding: 'utf8' });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'base');
  return {
    dir,
    git,
    turbo(args, environment = {}) {
      const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', 'turbo'), args, {
        cwd: dir,
        encoding: 'utf8',
        env: { ...process.env, DO_NOT_TRACK: '1', ...environment },
      });
      return { status, stdout, output: stdout + stderr };
    },
    dispose: () => rmSync(dir, { recursive: true, force: true }),
  };
}
