import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkspaceCopy, type WorkspaceCopy } from './workspace-copy.ts';

interface Manifest {
  dependencies?: Record<string, string>;
}

describe('the boundaries between packages', () => {
  let copy: WorkspaceCopy;
  beforeEach(() => {
    copy = createWorkspaceCopy();
  });
  afterEach(() => copy.dispose());

  function depend(folder: string, name: string): void {
    const file = join(copy.dir, folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    writeFileSync(
      file,
      JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, [name]: 'workspace:*' } }),
    );
    appendFileSync(join(copy.dir, folder, 'src/index.ts'), `\nexport { } from '${name}';\n`);
  }

  it('hold in the workspace as it is', () => {
    expect(copy.turbo(['boundaries'])).toMatchObject({ status: 0 });
  });

  it.each([
    ['a domain package that imports another', 'packages/kube-watch', '@fleetwire/agent-hub'],
    ['the base that imports a domain package', 'packages/websocket-core', '@fleetwire/vm-console'],
    ['a package that imports an app', 'packages/agent-hub', '@fleetwire/server'],
    ['the dashboard that imports the server', 'apps/web', '@fleetwire/server'],
  ])('refuse %s', (_case, folder, name) => {
    depend(folder, name);
    const { status, output } = copy.turbo(['boundaries']);
    expect(status).not.toBe(0);
    expect(output).toContain('tag listed in allowlist');
    expect(output).toContain(name);
  });

  it('refuse an import of what the package does not depend on', () => {
    appendFileSync(join(copy.dir, 'packages/vm-console/src/index.ts'), "\nexport { } from 'ws';\n");
    const { status, output } = copy.turbo(['boundaries']);
    expect(status).not.toBe(0);
    expect(output).toContain('ws');
  });
});
