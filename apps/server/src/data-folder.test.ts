import { chmodSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataFolderInUseError, isDataFolderInUse, openDataFolder } from './data-folder.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'fleetwire-folder-')), 'data');

describe('the data folder', () => {
  it('is made for its owner alone', () => {
    const folder = openDataFolder(newPath());
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder.path, 'lock.db')).mode & 0o777).toBe(0o600);
    folder.dispose();
  });

  it.skipIf(process.platform !== 'linux')('is refused at once where the file system takes no folders', () => {
    expect(() => openDataFolder('/proc/fleetwire/data')).toThrow(/data folder \/proc\/fleetwire\/data cannot be used/);
  });

  it('is refused where a file has its name, and leaves the file as it is', () => {
    const path = newPath();
    writeFileSync(path, 'text', { mode: 0o644 });
    expect(() => openDataFolder(path)).toThrow(/cannot be used \(EEXIST/);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  it('is taken away from the other users of the machine, unless it is one that they share', () => {
    const path = newPath();
    mkdirSync(path);
    chmodSync(path, 0o755);
    openDataFolder(path).dispose();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    chmodSync(path, 0o1777);
    openDataFolder(path).dispose();
    expect(statSync(path).mode & 0o7777).toBe(0o1777);
  });

  it('is refused to a second user with the name of the first, and free again afterwards', () => {
    const path = newPath();
    const folder = openDataFolder(path);
    expect(() => openDataFolder(path)).toThrow(DataFolderInUseError);
    folder.note('http://127.0.0.1:8080');
    expect(() => openDataFolder(path)).toThrow(
      `in use by another Fleetwire (process ${String(process.pid)}, http://127.0.0.1:8080)`,
    );
    folder.dispose();
    folder.dispose();
    openDataFolder(path).dispose();
  });

  it('is free again when its user was killed with -9', async () => {
    const path = newPath();
    openDataFolder(path).dispose();
    const script = join(path, 'hold.ts');
    writeFileSync(
      script,
      `import { openDataFolder } from ${JSON.stringify(join(import.meta.dirname, 'data-folder.ts'))};
       openDataFolder(${JSON.stringify(path)}).note('x');
       setInterval(() => undefined, 1000);
       process.stdout.write('held\\n');`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      expect(() => openDataFolder(path)).toThrow(DataFolderInUseError);
      expect(isDataFolderInUse(path)).toBe(true);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
    expect(isDataFolderInUse(path)).toBe(false);
    openDataFolder(path).dispose();
  });
});
