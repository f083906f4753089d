import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
async function say(line: string, workingFolder = folder, { signal } = new AbortController()) {
  const written = { stdout: '', stderr: '' };
  const code = await runCli(line.split(' '), {
    stdout: { isTTY: true, write: (text) => (written.stdout += text) },
    stderr: { isTTY: true, write: (text) => (written.stderr += text) },
    environment: { XDG_DATA_HOME: join(folder, 'data'), NO_COLOR: '1' },
    workingFolder,
    version: '0.0.0',
    signal,
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

it('a plugin whose creation is cancelled is not there', async () => {
  const controller = new AbortController();
  controller.abort();
  expect(await say('create hello', folder, controller)).toMatchObject({ code: 130, stdout: '' });
  expect(await readdir(folder)).toEqual([]);
});

it('a search says of each source that did not answer so, and fails where none did', async () => {
  await publish('own', ['1.0.0']);
  await trust('own', 'gone', 'far');
  const none = await say('search nothing-like-it --policy policy.json');
  expect(none).toMatchObject({ code: 0, stderr: '' });
  expect(none.stdout).toMatch(/^none\ngone did not answer: .*\nfar did not answer: .*\n$/);
  await trust('gone', 'far');
  const failed = await say('search hello --policy policy.json');
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toMatch(/^fleetwire-plugin: no source answered: gone: .*; far: .*\n$/);
});

it('an install says what is installed, also where it is already, and what was not checked once', async () => {
  await publish('own', ['1.0.0']);
  await trust('own');
  const unchecked =
    'warning: not checked: the package does not say for which versions of Fleetwire or distributions it is\n';
  const install = () => say(`install own:team/hello ${host}`);
  expect(await install()).toEqual({ code: 0, stdout: 'own:team/hello 1.0.0 is installed\n', stderr: unchecked });
  expect(await install()).toMatchObject({ code: 0, stdout: 'own:team/hello 1.0.0 is installed already\n' });
});

it('a plan says in words whose the plugin is', async () => {
  await publish('own', ['1.0.0']);
  await trust('own');
  const publisher = async () => {
    const { stdout } = await say(`plan own:team/hello ${host}`);
    return /^publisher +(.*(?:\n {2,}.*)*)/m.exec(stdout)?.[1]?.replaceAll(/\s+/g, ' ');
  };
  expect(await publisher()).toBe('none before: the first install binds the plugin to its repository');
  await say(`install own:team/hello ${host}`);
  expect(await publisher()).toBe('the one of what is installed');
  const index = await readFile(join(folder, 'own.json'), 'utf8');
  await writeFile(join(folder, 'own.json'), index.replace('r-own', 'r-other'));
  expect(await publisher()).toBe(
    'not the one of what is installed: an install has to accept it repositoryId was r-own, is r-other',
  );
});

it('a folder of plugins that is not there is said not to be there', async () => {
  const root = join(folder, 'root');
  expect(await say('list --root root')).toEqual({
    code: 0,
    stdout: `no plugin is installed: there is no ${root}\n`,
    stderr: '',
  });
  expect(await readdir(folder)).toEqual([]);
  await mkdir(root);
  expect(await say('list --root root')).toMatchObject({ stdout: 'no plugin is installed\n' });
});

it('what is written elsewhere is told by its whole path, and what is below by a short one', async () => {
  const elsewhere = join(folder, 'elsewhere');
  const inside = join(folder, 'a/b/c');
  await mkdir(inside, { recursive: true });
  expect((await say('create hello', inside)).stdout).toMatch(/^hello: .*\nTo pack it: fleetwire-plugin pack hello\n$/);
  expect((await say(`create hello --destination ${elsewhere}`, inside)).stdout.startsWith(`${elsewhere}/hello: `)).toBe(
    true,
  );
  const { stdout } = await say(`pack hello --destination ${elsewhere}`, inside);
  expect(stdout.startsWith(`${elsewhere}/hello-0.1.0.tar.gz  `)).toBe(true);
  expect((await say('pack hello', inside)).stdout).toMatch(/^hello-0\.1\.0\.tar\.gz {2}/);
});
