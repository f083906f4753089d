import { readFileSync } from 'node:fs';

/** Everything bad by the rows of the specification: what comes of each case. */
export const corpus = JSON.parse(readFileSync(new URL('corpus.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;

/** What `corpus.json` says of a case: `<code> [or <code>…] in <phase>`. Throws where it says nothing, or something else. */
export function expectedOf(name: string): { readonly codes: readonly string[]; readonly phase: string } {
  const rows = Object.values(corpus).filter((row) => Object.hasOwn(row, name));
  const [, codes = '', phase = ''] = /^(E_\w+(?: or E_\w+)*) in (\w+)$/.exec(rows[0]?.[name] ?? '') ?? [];
  if (rows.length !== 1 || codes === '') throw new Error(`corpus.json does not say once what comes of ${name}`);
  return { codes: codes.split(' or '), phase };
}
