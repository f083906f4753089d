import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, test, vi } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const source = new URL('../src/server/index.ts', import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), 'fleetwire-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a block of the README from the sources, and collects what it prints. */
function run(title: string) {
  const block = new RegExp(`\`\`\`ts title="${title}"\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (block === undefined) throw new Error(`the README has no block with the title ${title}`);
  const path = join(folder, title.replace('.ts', '.mts'));
  writeFileSync(path, block.replace('@fleetwire/fake-kube-api', source));
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { output: '', child };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said.output += text));
  }
  return said;
}

test("the README's demo serves a cluster and ends on SIGTERM", async () => {
  const demo = run('demo.ts');
  const ended = once(demo.child, 'exit');
  const url = await vi.waitFor(() => {
    const found = /--server (\S+)/.exec(demo.output)?.[1];
    expect(found, demo.output).toBeDefined();
    return found ?? '';
  });
  const pods = (await (await fetch(`${url}/api/v1/namespaces/shop/pods`)).json()) as { items: object[] };
  expect(pods.items.length).toBeGreaterThan(10);
  demo.child.kill('SIGTERM');
  expect(await ended, demo.output).toEqual([0, null]);
});

test("the README's test passes", async () => {
  const said = run('test.ts');
  await once(said.child, 'exit');
  expect(said.output).toBe('ok\n');
});
