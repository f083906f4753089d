import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { isEverythingRequired } from '../src/required.ts';

const source = (name: string) => join(import.meta.dirname, '..', 'src', name);

describe('what a test needs and the machine does not have', () => {
  it('is a failure in CI and where everything is asked for, and a skipped test elsewhere', () => {
    expect(isEverythingRequired({ CI: 'true' })).toBe(true);
    expect(isEverythingRequired({ REQUIRE_ALL: '1' })).toBe(true);
    expect(isEverythingRequired({ CI: 'false', REQUIRE_ALL: '' })).toBe(false);
    expect(isEverythingRequired({})).toBe(false);
  });

  it('stops a run with CI=true by name', () => {
    const script = join(mkdtempSync(join(tmpdir(), 'fleetwire-required-')), 'find.ts');
    writeFileSync(
      script,
      `import { findProgram } from ${JSON.stringify(source('services.ts'))};
       process.stdout.write(String(findProgram('no-such-program')));`,
    );
    const env = { PATH: process.env['PATH'] ?? '' };
    expect(execFileSync(process.execPath, [script], { env, encoding: 'utf8' })).toBe('undefined');
    const { status, stderr } = spawnSync(process.execPath, [script], { env: { ...env, CI: 'true' }, encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('no-such-program is not installed');
  });
});
