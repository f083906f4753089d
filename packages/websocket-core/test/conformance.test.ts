import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runConformanceCase, type ConformanceFile } from '../src/testing/conformance.ts';
import { createClientSubject } from './conformance/client-subject.ts';
import { createServerSubject } from './conformance/server-subject.ts';
import { protocolText } from './support/documents.ts';

const folder = join(import.meta.dirname, '..', 'conformance');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const files = names.map((name) => ({
  name,
  file: JSON.parse(readFileSync(join(folder, name), 'utf8')) as ConformanceFile,
}));

describe.each(files)('conformance/$name', ({ name, file }) => {
  it('is named after the peer under test, and its cases have titles of their own and rules that exist', () => {
    expect(name.startsWith(`${file.peer}-`)).toBe(true);
    const titles = file.cases.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { rules } of file.cases) {
      expect(rules.length).toBeGreaterThan(0);
      for (const rule of rules) expect(protocolText).toContain(`**[${rule}]**`);
    }
  });

  it.each(file.cases)('$title', async (conformanceCase) => {
    const subject = file.peer === 'accepting' ? createServerSubject(conformanceCase) : createClientSubject();
    await runConformanceCase(conformanceCase, subject);
  });
});
