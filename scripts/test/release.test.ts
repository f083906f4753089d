import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packPackage, publishedFolders, type Packed } from '../pack-packages.ts';

const root = dirname(import.meta.dirname.replace(/\/test$/, ''));

describe('a release', () => {
  let destination: string;
  let packed: Packed[];

  beforeAll(() => {
    destination = mkdtempSync(join(tmpdir(), 'fleetwire-pack-'));
    packed = publishedFolders().map((folder) => packPackage(folder, destination));
  });
  afterAll(() => rmSync(destination, { recursive: true, force: true }));

  it('publishes the packages of the fixed group, all at one version', () => {
    const { fixed } = JSON.parse(readFileSync(join(root, '.changeset/config.json'), 'utf8')) as { fixed: string[][] };
    expect(packed.map(({ name }) => name).sort()).toEqual(fixed[0]?.toSorted());
    expect(new Set(packed.map(({ version }) => version)).size).toBe(1);
  });

  it('ships licence, README and declarations, and neither tests nor build state', () => {
    for (const { name, files } of packed) {
      const paths = files.map(({ path }) => path);
      // The root entry of what runs in Node alone is its server's.
      const entry = name === '@fleetwire/fake-kube-api' ? 'dist/server/index' : 'dist/index';
      expect(paths, name).toEqual(expect.arrayContaining(['LICENSE', 'README.md', `${entry}.js`, `${entry}.d.ts`]));
      expect(
        paths.filter((path) => /\.test\.|tsbuildinfo|tsconfig|vitest|\.turbo|\.counts/.test(path)),
        name,
      ).toEqual([]);
    }
  });

  it('leaves no workspace or catalog protocol in a published manifest', () => {
    for (const { name, filename } of packed) {
      const manifest = execFileSync('tar', ['-xOzf', filename, 'package/package.json'], { encoding: 'utf8' });
      const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
      for (const range of Object.values(dependencies)) expect(range, name).toMatch(/^[\^~]?\d/);
    }
  });
});
