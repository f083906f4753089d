import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findKubectls, parseKubectlVersion } from '../src/kubectl.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetwire-kubectl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('the version is found in what old and new ones print', () => {
  expect(parseKubectlVersion('Client Version: v1.32.4\nKustomize Version: v5.5.0')).toBe('1.32.4');
  expect(parseKubectlVersion('Client Version: version.Info{Major:"1", GitVersion:"v1.20.2", …}')).toBe('1.20.2');
  expect(parseKubectlVersion('something else')).toBeUndefined();
});

test('each version is found once, and what is missing, broken or a link to another is left out', () => {
  const first = program('first', 'echo "Client Version: v1.32.4"');
  const same = program('same', 'echo "Client Version: v1.32.4"');
  const old = program('old', 'echo "Client Version: v1.20.2"');
  const broken = program('broken', 'exit 1');
  const link = join(folder, 'link');
  symlinkSync(first, link);
  expect(findKubectls([undefined, join(folder, 'none'), broken, first, link, same, old])).toEqual([
    { name: 'kubectl 1.32', path: first, version: '1.32.4' },
    { name: 'kubectl 1.20', path: old, version: '1.20.2' },
  ]);
});
