import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { steadyPort } from '@fleetwire/config/steady-port';
import { createConsumer, installedIn, type Consumer } from './support/consumer.ts';
import { nodes } from './support/nodes.ts';
import { noBrowser, runJobOnPage } from './support/page.ts';
import { run, start, type Running } from './support/process.ts';
import { snippetsOf } from './support/snippets.ts';
import { createPage, type VitePage } from './support/vite.ts';

const folder = dirname(import.meta.dirname);
const tsc = join(folder, 'node_modules', 'typescript7', 'bin', 'tsc');
const readme = readFileSync(join(dirname(folder), 'websocket-core', 'README.md'), 'utf8');
const snippets = snippetsOf(readme);

function snippet(file: string): string {
  const found = snippets.find((one) => one.file === file);
  if (found === undefined) throw new Error(`the README has no block with the title ${file}`);
  return found.text;
}

const forNode = ['server.ts', 'client.ts', 'memory-channel.ts', 'authentication.ts', 'live.test.ts'];
const forBrowser = ['main.ts', 'main.tsx', 'client-tour.ts'];
const forVite = ['index.html', 'vite.config.ts'];
const toCompare = ['client-output.txt'];

/** Each half of the consumers compiles with what it has: no DOM in Node, no Node in a page. */
const halves = {
  node: { files: forNode, lib: ['es2023'], types: ['node'] },
  browser: { files: forBrowser, lib: ['es2023', 'dom', 'dom.iterable'], types: [] },
};
const resolutions = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

let consumer: Consumer;
beforeAll(async () => {
  consumer = await createConsumer('websocket-core');
  for (const file of [...forNode, ...forBrowser]) await writeFile(join(consumer.equipped, file), snippet(file));
  for (const file of forNode) await writeFile(join(consumer.alone, file), snippet(file));
});
afterAll(() => consumer.dispose());

/** Starts a program in the project with the package alone; it does not outlive the test. */
function startAlone(program: string, file: string, port: string): Running {
  const running = start(program, [file], { cwd: consumer.alone, env: { PORT: port } });
  onTestFinished(async () => {
    await running.stop('SIGKILL');
  });
  return running;
}

/** Starts the README's server, on a free port unless one is given. */
async function startServer(program: string, wantedPort = '0'): Promise<{ server: Running; port: string }> {
  const server = startAlone(program, 'server.ts', wantedPort);
  const [, port = ''] = await server.printed(/live on port (\d+)/);
  return { server, port };
}

describe('the tarball of websocket-core', () => {
  it('holds the documents, the licence, the conformance cases and the code', () => {
    expect(consumer.packed).toEqual(
      expect.arrayContaining([
        'README.md',
        'PROTOCOL.md',
        'LICENSE',
        'package.json',
        'dist/index.js',
        'dist/index.d.ts',
      ]),
    );
    expect(consumer.packed.filter((path) => /^conformance\/.+\.json$/.test(path))).not.toEqual([]);
  });

  it('holds no tests and no build state', () => {
    const unwanted = /\.test\.|(^|\/)test\/|tsbuildinfo|tsconfig|vitest|\.turbo|\.counts/;
    expect(consumer.packed.filter((path) => unwanted.test(path))).toEqual([]);
  });

  it('brings ws and zod and nothing else', async () => {
    expect(await installedIn(consumer.alone)).toEqual(['@fleetwire/websocket-core', 'ws', 'zod']);
  });
});

describe('the code of the README', () => {
  it('stands in blocks with file names, all of which are compiled, run or compared here', () => {
    const code = snippets.filter(({ language }) => language !== 'sh');
    expect(code.map(({ file }) => file).toSorted()).toEqual(
      [...forNode, ...forBrowser, ...forVite, ...toCompare].toSorted(),
    );
  });

  describe.each(Object.entries(halves))('for the %s', (half, { files, lib, types }) => {
    it.each(Object.entries(resolutions))(
      'compiles strictly, declarations of libraries included, with moduleResolution %s',
      async (resolution, options) => {
        const config = {
          compilerOptions: {
            ...options,
            ...{ lib, types, target: 'es2023', jsx: 'react-jsx', strict: true, skipLibCheck: false, noEmit: true },
            ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, erasableSyntaxOnly: true },
          },
          files,
        };
        const name = `tsconfig.${half}.${resolution}.json`;
        await writeFile(join(consumer.equipped, name), JSON.stringify(config));
        expect(await run(tsc, ['-p', name], { cwd: consumer.equipped })).toMatchObject({ code: 0, output: '' });
      },
    );
  });

  describe.each(nodes)('on Node $version', ({ program = '' }) => {
    it.skipIf(program === '')(
      'serves the client, which prints what the README says, and drains on SIGTERM',
      async () => {
        const { server, port } = await startServer(program);
        const client = await run(program, ['client.ts'], { cwd: consumer.alone, env: { PORT: port } });
        expect(client).toMatchObject({ code: 0, output: snippet('client-output.txt') });
        expect(await server.stop('SIGTERM')).toMatchObject({ code: 0, output: `live on port ${port}\n` });
      },
    );

    it.skipIf(program === '')('passes the test on linked sockets and a manual clock', async () => {
      const { code, output } = await run(program, ['--test', 'live.test.ts'], { cwd: consumer.alone });
      expect(output).toMatch(/pass 1\b/);
      expect(code).toBe(0);
    });
  });
});

describe('the client of the README', () => {
  it('says that it backs off when the server is killed, and comes back when it is started again', async () => {
    const first = await startServer(process.execPath, String(await steadyPort()));
    const client = startAlone(process.execPath, 'client.ts', first.port);
    await client.printed(/event: /);
    await first.server.stop('SIGKILL');
    await client.printed(/connection: backoff/);
    const second = await startServer(process.execPath, first.port);
    await client.printed(/connection: backoff[^]*connection: open/);
    expect(await second.server.stop('SIGTERM')).toMatchObject({ code: 0 });
  });
});

describe.each(['main.ts', 'main.tsx'])('the page of the README with %s, bundled by Vite', (entry) => {
  let page: VitePage;
  beforeAll(async () => {
    page = await createPage(join(consumer.equipped, `page-of-${entry.replace('.', '-')}`), {
      'index.html': snippet('index.html').replace('/main.ts', `/${entry}`),
      'vite.config.ts': snippet('vite.config.ts'),
      [entry]: snippet(entry),
    });
    const { code, output } = await page.build();
    expect(code, output).toBe(0);
  });

  it('has nothing of Node in it', () => {
    expect(page.bundled()).toContain('fleetwire.v1');
    expect(page.bundled()).not.toMatch(/["'`]node:|browser-external/);
  });

  it.skipIf(noBrowser)('runs in Chromium against the server of the README', async () => {
    const { port } = await startServer(process.execPath);
    const preview = page.preview(port);
    onTestFinished(async () => {
      await preview.stop('SIGKILL');
    });
    const [url] = await preview.printed(/http:\/\/127\.0\.0\.1:\d+\//);
    const { entry: item, errors } = await runJobOnPage(url);
    expect(item).toMatch(/^job-\d+: done$/);
    expect(errors).toEqual([]);
  });
});

describe('what does not fit is refused with a reason', () => {
  const index = '<script type="module" src="/main.ts"></script>';

  it('a page that imports the server half is told that a browser cannot have it', async () => {
    const page = await createPage(join(consumer.equipped, 'page-with-server'), {
      'index.html': index,
      'main.ts': "import { createServer } from '@fleetwire/websocket-core/server';\nconsole.log(createServer);\n",
    });
    const { code, output } = await page.build();
    expect(code).not.toBe(0);
    expect(output).toMatch(/"\.\/server" is not exported under the conditions? .*@fleetwire\/websocket-core/);
  });

  const useReact = "import { useChannel } from '@fleetwire/websocket-core/react';\nconsole.log(useChannel);\n";

  it('a page that imports the hooks where React is not installed is told so', async () => {
    const page = await createPage(join(consumer.alone, 'page-without-react'), {
      'index.html': index,
      'main.ts': useReact,
    });
    const { code, output } = await page.build();
    expect(code).not.toBe(0);
    expect(output).toMatch(/optional-peer-dep:react:@fleetwire\/websocket-core/);
  });

  it('a program that imports the hooks where React is not installed is told so', async () => {
    await writeFile(join(consumer.alone, 'hooks.js'), useReact);
    const { code, output } = await run(process.execPath, ['hooks.js'], { cwd: consumer.alone });
    expect(code).not.toBe(0);
    expect(output).toContain("Cannot find package 'react'");
  });
});
