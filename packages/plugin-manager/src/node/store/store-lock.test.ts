import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tryLock } from './store-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('a lock is had once, also by this process, and again once it is free', () => {
  const file = join(folder, 'x.db');
  const lock = tryLock(file);
  expect(lock).toBeDefined();
  expect(tryLock(file)).toBeUndefined();
  lock?.release();
  const again = tryLock(file);
  expect(again).toBeDefined();
  // A second release takes nothing from whoever has it now.
  lock?.release();
  expect(tryLock(file)).toBeUndefined();
  again?.release();
});

it('a process that has no descriptors left says so, and does not call the store somebody else’s', async () => {
  const file = join(folder, 'x.db');
  await writeFile(file, '');
  const script = `
    import { openSync } from 'node:fs';
    import { tryLock } from ${JSON.stringify(new URL('store-lock.ts', import.meta.url).href)};
    const [file] = process.argv.slice(1);
    tryLock(file).release();
    try { for (;;) openSync(file, 'r'); } catch {}
    try { tryLock(file); } catch ({ code, retryable, message }) { process.stdout.write(JSON.stringify({ code, retryable, message }), () => process.exit()); }
  `;
  const command = `ulimit -n 100 && exec "$0" "$@"`;
  const ended = spawnSync('sh', ['-c', command, process.execPath, '--input-type=module', '-e', script, file]);
  expect(JSON.parse(ended.stdout.toString() || ended.stderr.toString())).toMatchObject({
    code: 'E_STORE',
    retryable: true,
    message: 'the plugin store cannot be used: EMFILE',
  });
});

it('a lock in a folder that is not there is no lock of somebody else', () => {
  expect(() => tryLock(join(folder, 'none', 'x.db'))).toThrow('the plugin store cannot be used: ENOENT');
});
