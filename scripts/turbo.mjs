// Runs turbo. turbo starts `pnpm` by execve(2); where npm did not run pnpm's install script (npm 12's default,
// or ignore-scripts), the pnpm that npx left on PATH is a shebang-less placeholder which execve refuses.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

function nativePnpmDir() {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    try {
      const file = realpathSync(join(dir, 'pnpm'));
      const head = Buffer.alloc(2);
      const fd = openSync(file, 'r');
      readSync(fd, head, 0, 2, 0);
      closeSync(fd);
      if (head.toString('latin1') === '#!' || head[0] > 0x7e || head[0] < 0x20) return undefined; // a script with a shebang, or a binary
      const scope = join(dirname(file), '..', '@pnpm');
      const exe = readdirSync(scope).find((d) => d.startsWith('exe.'));
      return exe === undefined ? undefined : join(scope, exe);
    } catch {
      /* not in this directory */
    }
  }
}
const dir = nativePnpmDir();
const env = {
  ...process.env,
  DO_NOT_TRACK: '1',
  ...(dir === undefined ? {} : { PATH: `${dir}${delimiter}${process.env.PATH}` }),
};
const r = spawnSync('turbo', process.argv.slice(2), { stdio: 'inherit', env });
process.exit(r.status ?? 1);
