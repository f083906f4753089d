import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from './run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terminal-words-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What people see of a command on a terminal. */
async function say(line: string, workingFolder = folder) {
  const written = { stdout: '', stderr: '' };
  const code = await runCli(line.split(' '), {
    stdout: { isTTY: true, write: (text) => (written.stdout += text) },
    stderr: { isTTY: true, write: (text) => (written.stderr += text) },
    environment: { XDG_DATA_HOME: join(folder, 'data'), NO_COLOR: '1' },
    workingFolder,
    version: '0.0.0',
    signal: new AbortController().signal,
  });
  // Without the line of progress, which is drawn anew.
  const stderr = stripVTControlCharacters(written.stderr).replaceAll(/[^\n\r]*\r/g, '');
  return { code, stdout: written.stdout, stderr };
}

const host = '--root root --policy policy.json --host-version 1.0.0 --distro web';

/** Packs `hello` as these versions, and lists them in the index of a source on the disk. */
async function publish(source: string, versions: readonly string[], annotations = {}): Promise<void> {
  const listed: object[] = [];
  await say('create hello');
  const path = join(folder, 'hello/package.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
  for (const version of versions) {
    await writeFile(path, JSON.stringify({ ...manifest, version }));
    await say('pack hello');
    const [sum] = (await readFile(join(folder, `hello-${version}.tar.gz.sha256`), 'utf8')).split(' ');
    const own = {
      'headlamp/plugin/archive-url': `hello-${version}.tar.gz`,
      'headlamp/plugin/archive-checksum': `SHA256:${String(sum)}`,
    };
    listed.push({ version, annotations: { ...own, ...annotations } });
  }
  const plugins = [{ repo: 'team', name: 'hello', repositoryId: `r-${source}`, title: 'Hello', versions: listed }];
  await writeFile(join(folder, `${source}.json`), JSON.stringify({ schemaVersion: 1, plugins }));
}

async function trust(...names: readonly string[]): Promise<void> {
  const sources = names.map((name) => ({ name, kind: 'file', path: `${name}.json` }));
  await writeFile(join(folder, 'policy.json'), JSON.stringify({ sources }));
}

it('an update of all says what was updated, also where one of them was not', async () => {
  await publish('own', ['1.0.0']);
  await publish('gone', ['1.0.0']);
  await trust('own', 'gone');
  for (const source of ['own', 'gone'])
    expect(await say(`install ${source}:team/hello ${host}`)).toMatchObject({ code: 0 });
  await publish('own', ['1.1.0', '1.0.0']);
  await trust('own');
  const { code, stdout, stderr } = await say(`update --all ${host}`);
  expect(code).toBe(1);
  expect(stdout).toBe('gone:team/hello  1.0.0          failed\nown:team/hello   1.0.0 → 1.1.0  updated\n');
  expect(stderr).toMatch(/\nfleetwire-plugin: 1 of 2 plugins were not updated: .*; gone:team\/hello is of gone .*\n$/);
});
