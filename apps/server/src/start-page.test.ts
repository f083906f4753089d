import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { newFolder } from './testing/new-folder.ts';
import { startTestServer } from './testing/running.ts';

const { web } = vi.hoisted(() => ({ web: { folder: '' } }));
vi.mock(import('./http/web-app.ts'), async (original) => ({ ...(await original()), findWebApp: () => web.folder }));

const built = dirname(fileURLToPath(import.meta.resolve('@fleetwire/web/index.html')));
const page = readFileSync(join(built, 'index.html'), 'utf8');

beforeEach(() => {
  web.folder = newFolder();
  for (const name of ['index.html', 'shared-modules.json'])
    writeFileSync(join(web.folder, name), readFileSync(join(built, name)));
});
afterEach(() => vi.restoreAllMocks());

it('gives back all that it took where the dashboard cannot be served, and says in a sentence what to do', async () => {
  writeFileSync(join(web.folder, 'index.html'), page.replace('<!--import-map-->', ''));
  const timers = new Set<NodeJS.Timeout>();
  const { setInterval: start, clearInterval: end } = globalThis;
  vi.spyOn(globalThis, 'setInterval').mockImplementation(((...args: Parameters<typeof start>) => {
    const timer = start(...args);
    timers.add(timer);
    return timer;
  }) as typeof start);
  vi.spyOn(globalThis, 'clearInterval').mockImplementation((timer) => {
    timers.delete(timer as NodeJS.Timeout);
    end(timer);
  });
  await expect(startTestServer({ demo: 'on' })).rejects.toMatchObject({
    name: 'PageError',
    message: expect.stringContaining('build the dashboard anew') as string,
  });
  const alive = [...timers].filter((timer) => timer.hasRef());
  expect(alive).toEqual([]);
  // Nothing listens: what does would keep the process.
  await vi.waitFor(() => {
    expect(process.getActiveResourcesInfo()).not.toContain('TCPServerWrap');
  });
});

it('serves the page of before while another is being built, and then the other', async () => {
  const server = await startTestServer();
  const textOf = async (): Promise<string> => (await fetch(server.url)).text();
  writeFileSync(join(web.folder, 'index.html'), 'half a pa');
  expect(await textOf()).toContain('"importmap"');
  writeFileSync(join(web.folder, 'index.html'), page.replace('<head>', '<head><!-- another -->'));
  const text = await textOf();
  expect([text.includes('<!-- another -->'), text.includes('"importmap"')]).toEqual([true, true]);
  await server.dispose();
});
