import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createServer } from 'vite';
import { expect, it } from 'vitest';
import { sharedSpecifiers, type SharedModule } from '../vite/shared-modules.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const read = (path: string) => readFileSync(join(dist, path), 'utf8');
const list = JSON.parse(read('shared-modules.json')) as Readonly<Record<string, SharedModule>>;
const namesOf = (specifier: string) => Object.keys(createRequire(import.meta.url)(specifier) as object);

it('the build lists each shared module with where it is and what its bytes come to', () => {
  expect(Object.keys(list).sort()).toEqual([...sharedSpecifiers].sort());
  for (const { url, integrity } of Object.values(list)) {
    expect(url).toMatch(/^\/assets\/[\w.-]+\.js$/);
    expect(integrity).toBe(`sha384-${createHash('sha384').update(read(url)).digest('base64')}`);
  }
});

it.each(['react', 'react/jsx-runtime'])(
  '%s has every name that it has in Node, and the same values twice',
  async (name) => {
    const url = pathToFileURL(join(dist, list[name]?.url ?? '')).href;
    const module = (await import(url)) as Readonly<Record<string, unknown>>;
    // What Node loads is the development build, whose `act` and `captureOwnerStack` are not in production.
    const expected = namesOf(name).filter((each) => each !== 'act' && each !== 'captureOwnerStack');
    expect(Object.keys(module)).toEqual(expect.arrayContaining([...expected, 'default']));
    const byDefault = module['default'] as Readonly<Record<string, unknown>>;
    for (const each of expected) expect(module[each]).toBe(byDefault[each]);
  },
);

it('there is one React: the dashboard and plugins have it from the same file', () => {
  // In each build of React alone.
  const files = readdirSync(join(dist, 'assets')).filter((file) => file.endsWith('.js'));
  const withReact = files.filter((file) => read(`assets/${file}`).includes('react.transitional.element'));
  const defining = withReact.filter((file) => read(`assets/${file}`).includes('.useActionState=function'));
  expect(defining).toHaveLength(1);
  const imported = [...read(list['react']?.url ?? '').matchAll(/from\s*["']\.\/([^"']+)["']/g)].map(([, file]) => file);
  expect(imported).toContain(defining[0]);
  expect(read('index.html')).toContain(`/assets/${String(defining[0])}`);
});

it('the page leaves the shared modules to the first plugin', () => {
  const page = read('index.html');
  for (const { url } of Object.values(list)) expect(page).not.toContain(url);
});

it('the page has a place for the import map before its first script, and one for a nonce in each of its scripts', () => {
  const page = read('index.html');
  expect(page.indexOf('<!--import-map-->')).toBeGreaterThan(0);
  expect(page.indexOf('<!--import-map-->')).toBeLessThan(page.search(/<script|rel="modulepreload"/));
  expect(page).toContain('<meta property="csp-nonce" nonce="__CSP_NONCE__">');
  const scripts = page.match(/<script[^>]*>|<link[^>]*rel="modulepreload"[^>]*>/g) ?? [];
  expect(scripts.length).toBeGreaterThan(1);
  for (const script of scripts) expect(script).toContain('nonce="__CSP_NONCE__"');
});

it('in development the page has an import map, whose modules have the names of React', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'fleetwire-web-'));
  const server = await createServer({
    root,
    cacheDir,
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1', ws: false, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    await server.listen();
    const { port } = server.httpServer?.address() as AddressInfo;
    const origin = `http://127.0.0.1:${String(port)}`;
    const text = async (path: string) => (await fetch(`${origin}${path}`)).text();
    const page = await text('/');
    const [, json = ''] = /<script type="importmap"[^>]*>(.*?)<\/script>/.exec(page) ?? [];
    const { imports } = JSON.parse(json) as { readonly imports: Readonly<Record<string, string>> };
    expect(Object.keys(imports)).toEqual([...sharedSpecifiers]);
    expect(page.indexOf('importmap')).toBeLessThan(page.indexOf('type="module"'));
    const module = await text(imports['react'] ?? '');
    for (const name of namesOf('react')) expect(module).toContain(name);
    expect(await text(imports['@fleetwire/kube-watch/react'] ?? '')).toContain('export * from');
  } finally {
    await server.close();
    await rm(cacheDir, { recursive: true, force: true });
  }
});
