import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFifo } from '../../test/support/make-fifo.ts';
import type { LockedPlugin } from '../core/sync-plan.ts';
import { lockFileOf, parseSyncFile, parseSyncLock, readSyncFile, readSyncLock, writeSyncLock } from './sync-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetwire-sync-files-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const locked: LockedPlugin = {
  version: '1.0.0',
  digest: { algorithm: 'sha256', hex: 'a'.repeat(64) },
  sha256: 'a'.repeat(64),
  archiveUrl: 'https://github.com/a.tar.gz',
  repositoryId: 'r-1',
  packageName: '@acme/a',
  keyId: undefined,
};

it('reads plugins, in YAML or JSON', () => {
  const yaml = `# of the team
plugins:
  - id: hub:acme/a
    version: "1.0.0"
    enabled: false
    pinned: true
  - id: hub:acme/b
`;
  const plugins = [{ id: 'hub:acme/a', version: '1.0.0', enabled: false, pinned: true }, { id: 'hub:acme/b' }];
  expect(parseSyncFile(yaml, 'p.yaml')).toEqual(plugins);
  expect(parseSyncFile(JSON.stringify({ plugins }), 'p.json')).toEqual(plugins);
});

it.each([
  ['', 'p.yaml:1: the whole: expected object; got null'],
  ['plugins: x', 'p.yaml:1: plugins: expected a list of plugins; got "x"'],
  ['plugins:\n  - id: a', 'p.yaml:2: plugins[0].id: expected a plugin id, <source>:<repo>/<name>; got "a"'],
  ['plugins:\n  - version: "1.0.0"', 'p.yaml:2: plugins[0].id: expected a plugin id'],
  [
    'plugins:\n  - id: h:a/b\n    version: 1.0',
    'p.yaml:3: plugins[0].version: expected a version in quotes, such as "1.2.3"; got 1.0',
  ],
  [
    'plugins:\n  - id: h:a/b\n    version: "^1.2.0"',
    'p.yaml:3: plugins[0].version: expected a version such as "1.2.3"',
  ],
  ['plugins:\n  - id: h:a/b\n\n    enabled: yes please', 'p.yaml:4: plugins[0].enabled: expected true or false'],
  ['plugins:\n  - id: h:a/b\n    enable: true', 'p.yaml:3: plugins[0].enable: expected no such key; got true'],
  ['plugin: []', 'expected'],
  [
    'plugins:\n  - id: h:a/b\n  - id: h:a/c\n  - id: h:a/b',
    'p.yaml:4: plugins[2].id: expected each plugin once; h:a/b stands in line 2 too',
  ],
  ['plugins:\n  - id: h:a/b\n    id: h:a/c', 'p.yaml:3: expected YAML; Map keys must be unique'],
  ['plugins: [', 'p.yaml:1: expected YAML'],
  ['a: &a [x]\nplugins: *a', 'p.yaml: expected YAML without aliases'],
  ['plugins:\n  - id: h:a/__proto__', 'p.yaml:2: plugins[0].id: expected a plugin id'],
  ['__proto__: 1\nplugins: []', 'p.yaml:1: __proto__: expected no such key'],
  [`plugins: [${'{id: "h:a/b"},'.repeat(1_001)}]`, 'p.yaml:1: plugins: expected at most 1000 plugins'],
])('refuses %.60j and says where', (text, message) => {
  expect(() => parseSyncFile(text, 'p.yaml')).toThrow(
    expect.objectContaining({ code: 'E_SYNC_INVALID', message: expect.stringContaining(message) as string }) as Error,
  );
});

it('says that there is no file, or too large a one', async () => {
  const file = join(folder, 'plugins.yaml');
  await expect(readSyncFile(file)).rejects.toMatchObject({ code: 'E_SYNC_INVALID' });
  await expect(readSyncFile(folder)).rejects.toMatchObject({ code: 'E_SYNC_INVALID' });
  await writeFile(file, '');
  await truncate(file, 2 ** 31);
  await expect(readSyncFile(file)).rejects.toMatchObject({
    message: expect.stringContaining('1048576 bytes') as string,
  });
});

it('writes a lock whole, in one order, and only where it says something else', async () => {
  const file = lockFileOf(join(folder, 'plugins.yaml'));
  expect(file).toBe(join(folder, 'plugins.lock.json'));
  expect(await readSyncLock(file)).toBeUndefined();
  const lock = new Map([
    ['hub:acme/b', { ...locked, keyId: 'k-1' }],
    ['hub:acme/a', locked],
  ]);
  expect(await writeSyncLock(file, lock, undefined)).toBe(true);
  const read = await readSyncLock(file);
  expect([...(read ?? [])].map(([id]) => id)).toEqual(['hub:acme/a', 'hub:acme/b']);
  expect(read?.get('hub:acme/b')).toEqual({ ...locked, keyId: 'k-1' });
  expect(await writeSyncLock(file, lock, read)).toBe(false);
  const text = await readFile(file, 'utf8');
  await expect(writeSyncLock(join(folder, 'none', 'x.json'), lock, read && new Map())).rejects.toMatchObject({
    code: 'E_STORE',
  });
  expect(await readFile(file, 'utf8')).toBe(text);
  expect(await readdir(folder)).toEqual(['plugins.lock.json']);
});

it.each([
  ['a lock that is written', false],
  ['a lock that says the same', true],
])('%s removes what a process that was killed while it wrote has left, and nothing else', async (_, isSame) => {
  const file = lockFileOf(join(folder, 'plugins.yaml'));
  const beside = ['.plugins.lock.json.0123456789ab', '.plugins.lock.json.mine', '.other.lock.json.0123456789ab'];
  for (const name of beside) {
    await writeFile(join(folder, name), '');
    await utimes(join(folder, name), 1, 1);
  }
  // Of a process that writes now.
  await writeFile(join(folder, '.plugins.lock.json.ba9876543210'), '');
  const lock = new Map([['hub:acme/a', locked]]);
  await writeSyncLock(file, lock, isSame ? lock : undefined);
  const left = ['.plugins.lock.json.ba9876543210', ...beside.slice(1), ...(isSame ? [] : ['plugins.lock.json'])];
  expect((await readdir(folder)).sort()).toEqual(left.sort());
});

it.each([
  ['{', 'expected JSON'],
  ['{"schemaVersion":2,"plugins":{}}', 'use the newer program'],
  ['{"schemaVersion":1,"plugins":{"../x":{}}}', 'plugins'],
  ['{"schemaVersion":1,"plugins":{"__proto__":{}}}', 'plugins'],
  ['{"schemaVersion":1,"plugins":{"h:a/b":{"version":"1.0.0"}}}', 'plugins.h:a/b.digest'],
  ['{"schemaVersion":1,"plugins":{},"more":1}', 'more'],
])('refuses the lock %s', (text, message) => {
  expect(() => parseSyncLock(text, 'p.lock.json')).toThrow(
    expect.objectContaining({ code: 'E_SYNC_INVALID', message: expect.stringContaining(message) as string }) as Error,
  );
});

it('refuses a FIFO at once, where it may wait for ever for somebody who writes', async () => {
  const file = join(folder, 'plugins.yaml');
  makeFifo(file);
  await expect(readSyncFile(file)).rejects.toMatchObject({ code: 'E_SYNC_INVALID' });
});
