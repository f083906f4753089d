import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(import.meta.dirname));
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
const manifest = (file: string) => JSON.parse(read(file)) as Manifest;

/** The lines of a document that are not in a fenced block. */
function prose(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, '');
}

describe('the documents', () => {
  const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(root, file)));

  it('link to files that exist', () => {
    const broken = documents.flatMap((file) =>
      [...prose(read(file)).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(root, dirname(file), target)))
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it.each(['README.md', 'CONTRIBUTING.md'])('%s names commands that the root has', (file) => {
    const { scripts = {} } = manifest('package.json');
    const ours = new Set(Object.keys(scripts));
    const pnpms = new Set(['install', 'run', 'vitest', 'lint', 'typecheck', 'exec']);
    const named = [...read(file).matchAll(/\bpnpm(?:@12)? ([a-z][a-z0-9:]*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !ours.has(name) && !pnpms.has(name))).toEqual([]);
  });

  it('docs/dependencies.md gives a reason for each run-time dependency, and names no other', () => {
    const rows = [...read('docs/dependencies.md').matchAll(/^\| ([a-z-]+) \| (`.*?) \|/gm)].flatMap(
      ([, owner, names = '']) => [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => `${owner} ${name}`),
    );
    const real = globSync('{packages,apps}/*/package.json', { cwd: root }).flatMap((file) => {
      const { name, dependencies, peerDependencies } = manifest(file);
      return Object.keys({ ...dependencies, ...peerDependencies })
        .filter((dependency) => !dependency.startsWith('@fleetwire/'))
        .map((dependency) => `${name.replace('@fleetwire/', '')} ${dependency}`);
    });
    expect(rows.toSorted()).toEqual(real.toSorted());
  });
});
