import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from './run.ts';

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetwire-commands-'));
  server = createServer((request, response) => {
    readFile(join(folder, 'site', basename(request.url ?? ''))).then(
      (body) => response.end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const written: string[] = [];
  const refused: string[] = [];
  const code = await runCli(args, {
    stdout: { write: (text) => written.push(text) },
    stderr: { write: (text) => refused.push(text) },
    environment: { XDG_DATA_HOME: join(folder, 'data'), ...variables },
    workingFolder: folder,
    version: '0.0.0',
    signal: new AbortController().signal,
  });
  return { code, written, refused: refused.join('') };
}
const codeOf = async (args: readonly string[]) => (await start(args)).code;

async function run(...args: readonly string[]) {
  const { code, written } = await start(args);
  return { code, last: JSON.parse(written.join('').trimEnd().split('\n').at(-1) ?? '') as unknown, written };
}

async function findFile(name: string): Promise<string> {
  const paths = await readdir(join(folder, 'root/store'), { recursive: true });
  return join(folder, 'root/store', paths.find((path) => basename(path) === name) ?? '');
}

it('a proxy and authorities are read from options, and what is none is a matter of usage', async () => {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
  await codeOf(['search', 'x', '--root', 'none', '--proxy', url]);
  proxy.close();
  expect(asked).toContain('artifacthub.io:443');
  const none = join(folder, 'none.pem');
  await writeFile(none, '');
  for (const options of [
    ['--proxy', 'none'],
    ['--proxy', 'https://proxy'],
    ['--ca', none],
    ['--ca', 'not-there.pem'],
  ]) {
    expect([options, await codeOf(['search', 'x', '--root', 'none', ...options])]).toEqual([options, 2]);
  }
});

it('what does not go together is a matter of usage', async () => {
  const host = ['--root', 'none', '--host-version', '1.0.0', '--distro', 'web'];
  for (const args of [
    ['update', ...host],
    ['update', 'a:b/c', '--all', ...host],
    ['update', '--all', '--plugin-version', '1.0.0', ...host],
    ['update', '--all', '--accept-publisher', ...host],
    ['repair', 'a:b/c', '--root', 'none'],
    ['install', '../x', ...host],
  ])
    expect(await codeOf(args)).toBe(2);
  expect((await start(['pack', '--dest', 'x'])).refused).toMatch(/\nTry `fleetwire-plugin pack --help`\.\n$/);
  expect((await start(['pakc'])).refused).toMatch(/\nTry `fleetwire-plugin --help`\.\n$/);
  // Otherwise every plugin would be said to be for another host.
  const { code, refused } = await start(['install', 'a:b/c', ...host, '--headlamp-version', 'new']);
  expect([code, refused]).toEqual([
    2,
    expect.stringContaining('--headlamp-version: expected a version, as "1.2.3"; got "new"'),
  ]);
});

it('the proxy of all programs is taken where none is given for this one, and not for hosts that it is not for', async () => {
  const asked: string[] = [];
  const proxyNamed = async (name: string) => {
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(`${name} ${request.url ?? ''}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    return { proxy, at: `127.0.0.1:${String((proxy.address() as AddressInfo).port)}` };
  };
  const [all, own] = [await proxyNamed('all'), await proxyNamed('own')];
  const source = (name: string) => ({ name, kind: 'index', url: `https://${name}.example/index.json` });
  const local = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/none.json`;
  const sources = [source('far'), source('exempt'), { name: 'near', kind: 'index', url: local, isLocal: true }];
  await writeFile(join(folder, 'three.json'), JSON.stringify({ sources }));
  const search = (variables: Readonly<Record<string, string>>) =>
    start(['search', 'x', '--root', 'none', '--policy', 'three.json'], variables);

  const { written } = await search({ HTTPS_PROXY: all.at, NO_PROXY: 'exempt.example', FLEETWIRE_PLUGIN_PROXY: '' });
  expect(new Set(asked)).toEqual(new Set(['all far.example:443']));
  expect(written.join('')).toContain('status 403');
  expect(written.join('')).toContain('by the proxy of HTTPS_PROXY');

  asked.length = 0;
  // Of this program alone: the exceptions of the other proxy are none of it.
  await search({ FLEETWIRE_PLUGIN_PROXY: `http://${own.at}`, https_proxy: 'nonsense', no_proxy: '*' });
  expect(new Set(asked)).toEqual(new Set(['own far.example:443', 'own exempt.example:443']));
  all.proxy.close();
  own.proxy.close();

  const told = await search({ https_proxy: 'socks5://user:hush@proxy', NO_PROXY: 'exempt.example' });
  expect(told.written.join('')).toContain('https_proxy: expected an http URL');
  expect(JSON.stringify(told)).not.toContain('hush');
  expect((await search({ FLEETWIRE_PLUGIN_PROXY: 'socks5://user:hush@proxy' })).code).toBe(2);
}, 20_000);

it.each(['https://x:1', 'socks5://user:hush@proxy'])(
  'a proxy of all programs that is none (%s) stops nothing that does not go by it',
  async (HTTPS_PROXY) => {
    expect(await start(['list', '--root', 'none'], { HTTPS_PROXY })).toMatchObject({ code: 0, refused: '' });
    const verified = await start(['verify', 'a:b/c', '--root', 'none'], { HTTPS_PROXY });
    expect(verified).toMatchObject({ code: 1, refused: expect.not.stringContaining('HTTPS_PROXY') as string });
    const none = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/none.json`;
    const sources = [{ name: 'near', kind: 'index', url: none, isLocal: true }];
    await writeFile(join(folder, 'near.json'), JSON.stringify({ sources }));
    const { written } = await start(['search', 'x', '--root', 'none', '--policy', 'near.json'], { HTTPS_PROXY });
    expect(written.join('')).not.toContain('HTTPS_PROXY');
  },
);

it('an index of a policy is where the policy is, and where there is none it is said where it would be', async () => {
  await mkdir(join(folder, 'drop'), { recursive: true });
  const policy = { sources: [{ name: 'disk', kind: 'file', path: 'index.json' }] };
  await writeFile(join(folder, 'drop', 'policy.json'), JSON.stringify(policy));
  const search = () => start(['search', 'x', '--root', 'none', '--policy', join('drop', 'policy.json')], {});
  expect((await search()).refused).toContain(join(folder, 'drop', 'index.json'));
  const plugins = [{ repo: 'r', name: 'x', repositoryId: 'r-1', versions: [{ version: '1.0.0', annotations: {} }] }];
  await writeFile(join(folder, 'drop', 'index.json'), JSON.stringify({ schemaVersion: 1, plugins }));
  expect(await search()).toMatchObject({ code: 0 });
});

it('a created plugin is packed, found, installed, listed, verified, and removed; each failure has its exit code', async () => {
  const id = 'own:plugins/hello';
  await run('create', 'hello');
  const packed = await run('pack', 'hello', '--destination', 'site');
  expect(packed.code).toBe(0);
  const { checksum } = (packed.last as { readonly result: { readonly checksum: string } }).result;
  const index = (sum: string) => {
    const annotations = {
      'headlamp/plugin/archive-url': 'hello-0.1.0.tar.gz',
      'headlamp/plugin/archive-checksum': sum,
      'fleetwire/plugin/version-compat': '>=2.0.0',
    };
    const versions = [{ version: '0.1.0', annotations }];
    const plugins = [{ repo: 'plugins', name: 'hello', repositoryId: 'r-1', title: 'Hello', versions }];
    return writeFile(join(folder, 'site/index.json'), JSON.stringify({ schemaVersion: 1, plugins }));
  };
  await index(`SHA256:${'0'.repeat(64)}`);
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const source = { name: 'own', kind: 'index', url: `http://${host}/index.json`, isLocal: true };
  await writeFile(join(folder, 'policy.json'), JSON.stringify({ sources: [source], hosts: [host] }));
  const store = ['--root', 'root', '--policy', 'policy.json'];
  const of = (version: string) => [...store, '--host-version', version, '--distro', 'web'];

  expect(await run('search', 'hello', ...store)).toMatchObject({ code: 0, last: { result: { items: [{ id }] } } });
  expect(await run('install', id, ...of('1.0.0'))).toMatchObject({
    code: 3,
    last: { type: 'failed', error: { code: 'E_INCOMPATIBLE_HOST' } },
  });
  expect(await run('install', id, ...of('2.0.0'))).toMatchObject({ code: 4, last: { error: { code: 'E_INTEGRITY' } } });
  await index(checksum);
  const installed = await run('install', id, ...of('2.0.0'));
  expect(installed).toMatchObject({ code: 0, last: { type: 'done', result: { pluginId: id, version: '0.1.0' } } });
  expect(installed.written.length).toBeGreaterThan(1);
  expect(await run('list', ...store)).toMatchObject({
    last: { result: { plugins: [{ pluginId: id, status: 'ok' }] } },
  });
  expect(await run('update', id, ...of('2.0.0'))).toMatchObject({ code: 1, last: { error: { code: 'E_UP_TO_DATE' } } });
  expect(await run('rollback', id, ...store)).toMatchObject({ code: 1, last: { error: { code: 'E_NO_ROLLBACK' } } });
  expect(await run('verify', id, ...store)).toMatchObject({ code: 0 });
  const entry = await findFile('index.js');
  await rm(entry);
  await writeFile(entry, 'changed');
  expect(await run('verify', id, ...store)).toMatchObject({ code: 4, last: { error: { code: 'E_FILES_CHANGED' } } });
  expect(await run('repair', 'hello', ...of('2.0.0'))).toMatchObject({ last: { result: { isReinstalled: true } } });
  expect(await run('repair', ...store)).toMatchObject({ code: 0, last: { result: { plugins: [id], broken: [] } } });
  expect(await run('disable', id, ...store)).toMatchObject({ last: { result: { isEnabled: false, isPinned: false } } });
  expect(await run('pin', id, ...store)).toMatchObject({ last: { result: { isEnabled: false, isPinned: true } } });
  expect(await run('enable', 'hello', ...store)).toMatchObject({ last: { result: { isEnabled: true } } });
  expect(await run('update', '--all', ...of('2.0.0'))).toMatchObject({
    code: 0,
    last: { result: { plugins: [{ pluginId: id, outcome: 'pinned' }] } },
  });
  expect(await run('unpin', 'own~plugins~hello', ...store)).toMatchObject({ last: { result: { isPinned: false } } });
  expect(await run('plan', id, ...of('1.0.0'))).toMatchObject({
    code: 0,
    last: { result: { pluginId: id, installedVersion: '0.1.0', compatibility: { state: 'incompatible' } } },
  });

  await writeFile(join(folder, 'plugins.yaml'), `plugins: [{ id: "${id}", enabled: false }]`);
  const planned = await run('sync', '--plan-only', ...of('2.0.0'));
  expect(planned).toMatchObject({ code: 0, last: { result: { isInSync: false, isLockWritten: false } } });
  expect(JSON.parse(planned.written[0] ?? '')).toMatchObject({ type: 'plan', steps: [{ action: 'disable' }] });
  expect(await run('sync', '--frozen', ...of('2.0.0'))).toMatchObject({
    code: 1,
    last: { error: { code: 'E_SYNC_INVALID' } },
  });
  expect(await run('sync', 'plugins.yaml', '--lock-file', 'a.lock', ...of('2.0.0'))).toMatchObject({
    last: { result: { isLockWritten: true } },
  });
  await index(`SHA256:${'0'.repeat(64)}`);
  expect(await run('remove', id, ...store)).toMatchObject({ code: 0 });
  expect(await run('sync', '--lock-file', 'a.lock', ...of('2.0.0'))).toMatchObject({
    code: 4,
    last: { error: { code: 'E_INTEGRITY' } },
  });
  await index(checksum);
  expect(await run('install', id, '--disabled', '--policy', 'policy.json', ...of('2.0.0').slice(4))).toMatchObject({
    code: 0,
  });
  expect(await run('list', '--policy', 'policy.json')).toMatchObject({
    last: { result: { plugins: [{ pluginId: id, installed: { isEnabled: false } }] } },
  });
  expect(await readdir(join(folder, 'data/fleetwire/user-plugins'))).toContain('state.json');
  expect(await run('list', ...store)).toMatchObject({ last: { result: { plugins: [] } } });
  const audit = (await readFile(join(folder, 'root/audit.jsonl'), 'utf8')).trimEnd().split('\n');
  // The account of the machine, whatever a variable says.
  const by = { program: 'fleetwire-plugin', actor: userInfo().username };
  for (const line of audit) expect(JSON.parse(line)).toMatchObject(by);
});

it('what the README of a created plugin says installs it', async () => {
  const workingFolder = join(folder, 'readme', 'hello');
  const refused: string[] = [];
  const call = async (line: string, cwd = workingFolder) => {
    const stream = { write: (text: string) => refused.push(text) };
    const { signal } = new AbortController();
    const environment = { XDG_DATA_HOME: join(folder, 'data') };
    const cli = {
      stdout: { write: () => undefined },
      stderr: stream,
      environment,
      workingFolder: cwd,
      version: '0.0.0',
      signal,
    };
    return [await runCli(line.split(' ').slice(1), cli), refused.join('')];
  };
  expect(await call(`fleetwire-plugin create @acme/hello --destination readme`, folder)).toEqual([0, '']);
  const text = await readFile(join(workingFolder, 'README.md'), 'utf8');
  const [pack = '', index = '', policy = '', install = ''] = [...text.matchAll(/\n\n((?: {4}.*\n)+)/g)].map(
    ([, block]) => String(block).trim(),
  );
  expect(await call(pack)).toEqual([0, '']);
  const [archive = ''] = /acme[^"]*/.exec(index) ?? [];
  const [checksum = ''] = (await readFile(join(workingFolder, `${archive}.sha256`), 'utf8')).split(' ');
  await writeFile(join(workingFolder, 'index.json'), index.replace('…', checksum));
  await writeFile(join(workingFolder, 'policy.yaml'), policy.replace('/path/to', workingFolder));
  expect(await call(install)).toEqual([0, '']);
  expect(await readdir(join(workingFolder, 'plugins/store'))).toEqual(['local~own~hello']);
});
