import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspaceCopy, type WorkspaceCopy } from './workspace-copy.ts';

interface DryRun {
  readonly tasks: readonly { readonly task: string; readonly package: string }[];
}

describe('the affected graph', () => {
  let copy: WorkspaceCopy;
  beforeAll(() => {
    copy = createWorkspaceCopy();
  });
  afterAll(() => copy.dispose());

  /** Packages whose tests a change of one file runs. */
  function affectedBy(file: string): string[] {
    appendFileSync(join(copy.dir, file), '\n');
    copy.git('commit', '-q', '-a', '-m', 'change');
    const environment = { TURBO_SCM_BASE: 'HEAD~1', TURBO_SCM_HEAD: 'HEAD' };
    const { stdout } = copy.turbo(['run', 'test', '--affected', '--dry=json'], environment);
    const { tasks } = JSON.parse(stdout) as DryRun;
    return tasks.filter(({ task }) => task === 'test').map(({ package: name }) => name);
  }

  it("a change in vm-console runs vm-console's tests and not kube-watch's", () => {
    const affected = affectedBy('packages/vm-console/src/index.ts');
    expect(affected).toContain('@fleetwire/vm-console');
    expect(affected).not.toContain('@fleetwire/kube-watch');
    expect(affected).not.toContain('@fleetwire/websocket-core');
  });

  it('a change in websocket-core runs the tests of everything that stands on it', () => {
    expect(affectedBy('packages/websocket-core/src/index.ts')).toEqual(
      expect.arrayContaining([
        '@fleetwire/websocket-core',
        '@fleetwire/kube-watch',
        '@fleetwire/agent-hub',
        '@fleetwire/vm-console',
        '@fleetwire/plugin-manager',
        '@fleetwire/server',
        '@fleetwire/web',
      ]),
    );
  });

  it('a change of the base settings runs every test', () => {
    expect(affectedBy('tsconfig.base.json')).toEqual(
      expect.arrayContaining(['@fleetwire/kube-watch', '@fleetwire/vm-console', '@fleetwire/fake-kube-api']),
    );
  });

  it('a change of a document runs the tests that compare it with code, and no others', () => {
    const affected = affectedBy('docs/errors.md');
    expect(affected).toContain('@fleetwire/websocket-core');
    expect(affected).not.toContain('@fleetwire/vm-console');
    expect(affectedBy('docs/configuration.md')).toContain('@fleetwire/server');
  });
});
