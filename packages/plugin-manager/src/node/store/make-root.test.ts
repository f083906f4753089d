import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { injectFaults } from '../../testing/fault-injector.ts';
import { nodeFileSystem } from './file-system.ts';
import { makeRoot } from './make-root.ts';

it('a root is made below folders that cannot be brought to the disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'make-root-'));
  const root = join(folder, 'of', 'others', 'root');
  const asked: string[] = [];
  const fileSystem = injectFaults(nodeFileSystem, ({ name, path }) => {
    if (name !== 'sync') return;
    asked.push(path);
    throw Object.assign(new Error('EACCES: injected'), { code: 'EACCES' });
  });
  try {
    await makeRoot(fileSystem, root);
    expect(await nodeFileSystem.kind(root)).toBe('folder');
    expect(asked).toEqual([folder, join(folder, 'of'), join(folder, 'of', 'others')]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
