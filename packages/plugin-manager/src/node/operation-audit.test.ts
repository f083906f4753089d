import { expect, it } from 'vitest';
import { auditOfResult } from './operation-audit.ts';

const report = { pluginId: 'hub:acme/flux', build: '1.0.0-000000000000', isIntact: false };

it('says what damage was found, with some of the files', () => {
  const changed = Array.from({ length: 5_000 }, (_, index) => `dist/${String(index)}.js`);
  const found = { ...report, changed, missing: ['package.json'], unexpected: [] };
  const words = 'changed: dist/0.js, dist/1.js, dist/2.js, and 4997 more; missing: package.json';
  expect(auditOfResult(found)).toEqual({ found: words });
  const active = { version: '1.0.0', build: '1.0.0-000000000000', sha256: 'aa', installedAt: 1 };
  expect(auditOfResult({ found, isReinstalled: true, installed: { active } })).toMatchObject({
    to: '1.0.0',
    found: words,
  });
});

it('says why a receipt is of no use, and keeps the line short whatever it is', () => {
  const paths = Array.from({ length: 9 }, () => 'x'.repeat(1_000));
  const found = { ...report, reason: 'r'.repeat(1_000), changed: paths, missing: paths, unexpected: paths };
  const line = auditOfResult(found).found;
  expect(line).toMatch(/^r{80}; changed: x{40}, /);
  expect(line?.length).toBe(500);
});

it('says nothing of what is intact', () => {
  expect(auditOfResult({ ...report, isIntact: true, changed: [], missing: [], unexpected: [] })).toEqual({});
});
