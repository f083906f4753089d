import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as npmTar from 'tar';
import { afterAll, describe, expect, it } from 'vitest';
import { parseManifest } from '../../core/manifest.ts';
import { contributesSchema } from '../../protocol/contributions.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-cli-'));
  folders.push(folder);
  return folder;
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(cwd: string, args: readonly string[], options: { readonly isInterrupted?: boolean } = {}) {
  return outcomeOf(cwd, process.execPath, [program, ...args], options);
}

function runShell(cwd: string, script: string) {
  return outcomeOf(cwd, 'sh', ['-c', script]);
}

function outcomeOf(cwd: string, command: string, args: readonly string[], { isInterrupted = false } = {}) {
  return new Promise<Outcome>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      // One that hangs outlives no test.
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      // Once, with the first output: a second signal ends the program where it stands.
      if (isInterrupted && stdout === '') child.kill('SIGINT');
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

function linesOf({ stdout }: Outcome): readonly Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

// Most of their time is the start of processes, so they run side by side.
describe.concurrent('the program', () => {
  it('creates a plugin that it packs, and that says by the schemas of the dashboard what it adds', async () => {
    const folder = await newFolder();
    const created = await run(folder, ['create', '@acme/hello-world']);
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(created).at(-1)).toMatchObject({ type: 'done', result: { name: '@acme/hello-world' } });
    const manifest = parseManifest(await readFile(join(folder, 'hello-world/package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: '@acme/hello-world', title: 'Hello world', entry: 'index.js' });
    expect(contributesSchema.parse(manifest.contributes)).toEqual(manifest.contributes);

    const packed = await run(folder, ['pack', 'hello-world', '--destination', 'out']);
    expect(packed).toMatchObject({ code: 0, stderr: '' });
    const path = join(folder, 'out', 'acme-hello-world-0.1.0.tar.gz');
    expect(linesOf(packed).at(-1)).toMatchObject({
      type: 'done',
      result: { path, checksum: expect.stringMatching(/^SHA256:[0-9a-f]{64}$/) as string, files: 3 },
    });
    await npmTar.x({ file: path, cwd: folder, strict: true });
    expect((await readdir(join(folder, 'acme-hello-world'))).toSorted()).toEqual([
      'README.md',
      'index.js',
      'package.json',
    ]);
  });

  it('the entry of a created plugin is an ES module that registers what package.json says', async () => {
    const folder = await newFolder();
    await run(folder, ['create', 'hello']);
    // React is the dashboard's; the module takes it from whatever stands for it.
    await mkdir(join(folder, 'node_modules/react'), { recursive: true });
    await writeFile(join(folder, 'node_modules/react/package.json'), '{"type":"module","exports":"./index.js"}');
    await writeFile(join(folder, 'node_modules/react/index.js'), 'export const createElement = 1, useState = 2;');
    const entry = (await import(join(folder, 'hello/index.js'))) as {
      readonly default: { readonly activate: (context: unknown) => void };
    };
    const registered: unknown[] = [];
    entry.default.activate({ register: (...args: unknown[]) => registered.push(args) });
    const { contributes } = parseManifest(await readFile(join(folder, 'hello/package.json'), 'utf8'));
    const declared = (contributes as { readonly overviewWidget: readonly object[] }).overviewWidget[0];
    expect(registered).toEqual([['overviewWidget', { ...declared, component: expect.any(Function) as unknown }]]);
  });

  it('exits 2 for a wrong command line, and says why on stderr and as the last line of the NDJSON', async () => {
    const folder = await newFolder();
    const outcome = await run(folder, ['pakc']);
    expect(outcome.code).toBe(2);
    const failed = { type: 'failed', error: { message: expect.stringContaining('did you mean pack?') as string } };
    expect(linesOf(outcome)).toEqual([failed]);
    expect(outcome.stderr).toContain(
      'one of search, list, plan, install, update, rollback, remove, enable, disable, pin, unpin, verify, repair, sync, pack, create; got "pakc"; did you mean pack?\nTry `fleetwire-plugin --help`.',
    );
    expect(await run(folder, ['create', '../x'])).toMatchObject({ code: 2 });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says so where its working folder was removed, and helps there', async () => {
    const folder = await newFolder();
    const gone = join(folder, 'gone');
    await mkdir(gone);
    // The shell is in the folder before it is removed, as a terminal is.
    const runGone = (args: string) => runShell(gone, `rmdir ${gone} && exec ${process.execPath} ${program} ${args}`);
    const outcome = await runGone('list');
    expect(outcome.code).toBe(1);
    expect(linesOf(outcome)).toMatchObject([{ type: 'failed', error: { code: 'E_STORE' } }]);
    expect(outcome.stderr).toMatch(/^fleetwire-plugin: expected to be run in a folder that is there; .*\n$/);
    await mkdir(gone);
    expect(await runGone('--help')).toMatchObject({ code: 0, stderr: '' });
  });

  it('exits 1 for a failure, which is the last line of the NDJSON and a sentence on stderr', async () => {
    const folder = await newFolder();
    await run(folder, ['create', 'hello']);
    await symlink('index.js', join(folder, 'hello/link.js'));
    const outcome = await run(join(folder, 'hello'), ['pack']);
    expect(outcome.code).toBe(1);
    expect(linesOf(outcome)).toEqual([
      {
        type: 'failed',
        error: {
          code: 'E_ENTRY_TYPE',
          message:
            'expected regular files and folders only; link.js is a symbolic link: put there what it leads to, or remove it',
          phase: 'inspect',
          retryable: false,
          details: { entry: 'link.js' },
        },
      },
    ]);
    expect(outcome.stderr).toBe(
      'fleetwire-plugin: expected regular files and folders only; link.js is a symbolic link: put there what it leads to, or remove it (E_ENTRY_TYPE)\n',
    );
  });

  it('exits 1 where the folder to create is there already, and leaves it alone', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'hello'));
    expect(await run(folder, ['create', 'hello'])).toMatchObject({ code: 1 });
    expect(await readdir(join(folder, 'hello'))).toEqual([]);
  });

  it.skipIf(!existsSync('/proc/self'))('says at once where the file system takes no folders', async () => {
    const folder = await newFolder();
    await run(folder, ['create', 'hello']);
    const host = ['--host-version', '1.0.0', '--distro', 'web'];
    await writeFile(join(folder, 'plugins.yaml'), 'plugins: []\n');
    for (const args of [
      ['create', 'other', '--destination', '/proc/x'],
      ['pack', 'hello', '--destination', '/proc/x'],
      ['repair', '--root', '/proc/x'],
      ['sync', '--root', '/proc/x', ...host],
    ]) {
      const outcome = await run(folder, args);
      expect([args[0], outcome.code, linesOf(outcome).at(-1)]).toMatchObject([
        args[0],
        1,
        { type: 'failed', error: { code: 'E_STORE_UNWRITABLE' } },
      ]);
    }
  });

  it('exits 130 at SIGINT, and leaves nothing half-written', async () => {
    const folder = await newFolder();
    await run(folder, ['create', 'hello']);
    // Large enough that the signal comes while it is packed.
    await writeFile(join(folder, 'hello/index.js'), Buffer.alloc(60 * 1024 * 1024, 'function () {}; '));
    const outcome = await run(join(folder, 'hello'), ['pack', '--destination', '../out'], { isInterrupted: true });
    expect(outcome.code).toBe(130);
    expect(linesOf(outcome).at(-1)).toMatchObject({ type: 'cancelled', error: { code: 'E_CANCELLED' } });
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });

  it('lists an empty store, and says by exit code and NDJSON what is not there or not allowed', async () => {
    const folder = await newFolder();
    const empty = await run(folder, ['list', '--root', 'store']);
    expect(empty).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(empty)).toEqual([{ type: 'done', result: { plugins: [] } }]);
    for (const command of ['rollback', 'remove', 'verify']) {
      const outcome = await run(folder, [command, 'a:b/c', '--root', 'store']);
      expect([command, outcome.code, linesOf(outcome).at(-1)]).toMatchObject([
        command,
        1,
        { type: 'failed', error: { code: 'E_NOT_INSTALLED' } },
      ]);
    }
    expect(await run(folder, ['remove', '../x', '--root', 'store'])).toMatchObject({ code: 2 });
    await writeFile(join(folder, 'policy.yaml'), 'deny: ["*:*/evil"]\n');
    const host = ['--root', 'store', '--policy', 'policy.yaml', '--host-version', '1.0.0', '--distro', 'web'];
    const denied = await run(folder, ['install', 'artifacthub:x/evil', ...host]);
    expect(linesOf(denied).at(-1)).toMatchObject({ type: 'failed', error: { code: 'E_PLUGIN_DENIED' } });
    await writeFile(join(folder, 'policy.yaml'), 'denny: []\n');
    const misspelt = await run(folder, ['list', '--root', 'store', '--policy', 'policy.yaml']);
    expect(linesOf(misspelt).at(-1)).toMatchObject({ type: 'failed', error: { code: 'E_POLICY_INVALID' } });
  });

  it('--help lists what there is, --version the version of the package', async () => {
    const help = await run(tmpdir(), ['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect([...help.stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)).toEqual([
      'search',
      'list',
      'plan',
      'install',
      'update',
      'rollback',
      'remove',
      'enable',
      'disable',
      'pin',
      'unpin',
      'verify',
      'repair',
      'sync',
      'pack',
      'create',
    ]);
    expect((await run(tmpdir(), ['pack', '--help'])).stdout).toContain('--destination');
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      readonly version: string;
    };
    expect(await run(tmpdir(), ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});
