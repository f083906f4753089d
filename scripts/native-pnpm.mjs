// turbo starts `pnpm` by execve(2). Where npm did not run pnpm's install script (npm 12's default, or ignore-scripts),
// the pnpm that npx left on PATH is a placeholder without a shebang, which execve refuses; the real one is beside it.
import { closeSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';

function isExecutable(head) {
  return head.toString('latin1') === '#!' || head[0] > 0x7e || head[0] < 0x20;
}

function nativePnpmDir() {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    try {
      const file = realpathSync(join(dir, 'pnpm'));
      const head = Buffer.alloc(2);
      const fd = openSync(file, 'r');
      readSync(fd, head, 0, 2, 0);
      closeSync(fd);
      if (isExecutable(head)) return undefined;
      const scope = join(dirname(file), '..', '@pnpm');
      const exe = readdirSync(scope).find((name) => name.startsWith('exe.'));
      return exe === undefined ? undefined : join(scope, exe);
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** The environment for a child that starts `pnpm`, with a pnpm that can be executed first on PATH. */
export function pnpmEnvironment() {
  const dir = nativePnpmDir();
  const path = dir === undefined ? {} : { PATH: `${dir}${delimiter}${process.env.PATH}` };
  return { ...process.env, DO_NOT_TRACK: '1', ...path };
}
