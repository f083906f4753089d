// Every numbered rule of a package's PROTOCOL.md is proved by a test that cites it, and every cited rule exists.
// A rule is a line that starts with `**[R1]**` (after list marks); a test cites it with a title that starts `[R1]`,
// or `[R1][R2]` for several; a conformance case cites it in its `rule` or `rules` field.
// A rule is exempt while its line, or a heading above it, says `(specified, not built)`.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';

const EXEMPT = '(specified, not built)';
const RULE = /^\s*(?:[-*]\s+|\d+\.\s+|\|\s*)?\*\*\[([A-Z]{1,4}\d+[a-z]?)\]\*\*/;
const TITLE = /['"`]((?:\[[A-Z]{1,4}\d+[a-z]?\]\s*)+)/g;
const CASE = /"rules?"\s*:\s*(\[[^\]]*\]|"[^"]*")/g;

export interface RuleReport {
  readonly rules: readonly string[];
  readonly exempt: readonly string[];
  readonly problems: readonly string[];
}

interface Definitions {
  readonly all: Map<string, boolean>;
  readonly problems: string[];
}

function readRules(text: string): Definitions {
  const all = new Map<string, boolean>();
  const problems: string[] = [];
  const exemptAt: boolean[] = [];
  let fenced = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) fenced = !fenced;
    if (fenced) continue;
    const heading = /^(#{1,6})\s/.exec(line)?.[1]?.length;
    if (heading !== undefined) {
      exemptAt.length = heading;
      exemptAt[heading] = line.includes(EXEMPT);
      continue;
    }
    const id = RULE.exec(line)?.[1];
    if (id === undefined) continue;
    if (all.has(id)) problems.push(`rule ${id} is defined twice`);
    all.set(id, line.includes(EXEMPT) || exemptAt.some(Boolean));
  }
  return { all, problems };
}

/** Rule ids that a source text cites, with duplicates. */
export function readCitations(text: string, kind: 'source' | 'json'): string[] {
  const found = kind === 'source' ? text.matchAll(TITLE) : text.matchAll(CASE);
  return [...found].flatMap(([, ids = '']) => ids.match(/[A-Z]{1,4}\d+[a-z]?/g) ?? []);
}

/** Compares the rules of one PROTOCOL.md with the citations of its package. */
export function compareRules(protocol: string, citations: ReadonlyMap<string, readonly string[]>): RuleReport {
  const { all, problems } = readRules(protocol);
  const cited = new Set([...citations.values()].flat());
  for (const [file, ids] of citations) {
    for (const id of new Set(ids))
      if (!all.has(id)) problems.push(`${file} cites ${id}, which PROTOCOL.md does not define`);
  }
  const rules = [...all.keys()];
  for (const id of rules) {
    if (!cited.has(id) && all.get(id) === false) problems.push(`rule ${id} has no test that cites it`);
  }
  return { rules, exempt: rules.filter((id) => all.get(id) === true), problems };
}

function citationsOf(dir: string): Map<string, string[]> {
  const citations = new Map<string, string[]>();
  const read = (patterns: string[], kind: 'source' | 'json') => {
    for (const file of globSync(patterns, { cwd: dir })) {
      citations.set(file, readCitations(readFileSync(join(dir, file), 'utf8'), kind));
    }
  };
  read(['src/**/*.test.{ts,tsx}', 'test/**/*.{ts,tsx}', 'src/testing/**/*.ts'], 'source');
  read(['conformance/**/*.json', 'src/**/conformance/**/*.json'], 'json');
  return citations;
}

function main(): void {
  let failed = 0;
  for (const dir of globSync('packages/*').sort()) {
    const file = join(dir, 'PROTOCOL.md');
    if (!existsSync(file)) continue;
    const { rules, exempt, problems } = compareRules(readFileSync(file, 'utf8'), citationsOf(dir));
    failed += problems.length;
    const built = rules.length - exempt.length;
    process.stdout.write(`${basename(dir)}: ${built} rules built, ${exempt.length} specified but not built\n`);
    for (const problem of problems) process.stdout.write(`  ${problem}\n`);
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.main) main();
