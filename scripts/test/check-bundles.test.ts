import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBundles } from '../check-bundles.ts';

describe('the bundle check', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fleetwire-bundle-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** Writes a package whose entries hold the given code; `node` puts an entry under the `node` condition. */
  function packageWith(entries: Record<string, { code: string; node?: boolean }>): void {
    mkdirSync(join(dir, 'dist'));
    const exports: Record<string, unknown> = {};
    for (const [subpath, { code, node }] of Object.entries(entries)) {
      const file = `./dist/${subpath.replaceAll(/\W/g, '_')}.js`;
      writeFileSync(join(dir, file), code);
      exports[subpath] = node === true ? { node: { default: file }, types: './x.d.ts' } : { default: file };
    }
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: '@fleetwire/sample', type: 'module', exports }));
  }

  it('counts entries that bundle, and entries for Node that do not', async () => {
    packageWith({ '.': { code: 'export const a = 1;' }, './server': { code: "import 'node:net';", node: true } });
    expect(await checkBundles(dir)).toEqual({ bundled: 1, refused: 1, problems: [] });
  });

  it.each(['node:fs', 'fs', 'ws'])('names an entry that reaches %s', async (library) => {
    packageWith({ './client': { code: `import '${library}';` } });
    const { problems } = await checkBundles(dir);
    expect(problems).toEqual([expect.stringContaining(`@fleetwire/sample/client: ${library} is imported by`)]);
  });

  it('names an entry that does not exist', async () => {
    packageWith({ '.': { code: "export { a } from './missing.js';" } });
    expect((await checkBundles(dir)).problems).toHaveLength(1);
  });
});
