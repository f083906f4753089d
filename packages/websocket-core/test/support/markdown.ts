/** One table of a Markdown document: the cells of its head and of its rows, trimmed. */
export interface MarkdownTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The text from a heading (its words, without the signs) up to the next heading of the same or a higher level. */
export function sectionOf(markdown: string, heading: string): string {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start === -1) throw new Error(`no heading "${heading}"`);
  const level = (lines[start] as string).indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

/** Every table of a text, in order. */
export function tablesOf(markdown: string): MarkdownTable[] {
  const tables: MarkdownTable[] = [];
  for (const block of markdown.split(/\n(?:\s*\n)+/)) {
    const lines = block.split('\n').filter((line) => line.startsWith('|'));
    const [head, , ...rows] = lines.map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        // A bar inside a cell is written \|.
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|')),
    );
    if (head !== undefined) tables.push({ head, rows });
  }
  return tables;
}

/** The table of a text whose head begins with `first`. */
export function tableOf(markdown: string, first: string): MarkdownTable {
  const found = tablesOf(markdown).filter(({ head }) => head[0] === first);
  const [table] = found;
  if (found.length !== 1 || table === undefined)
    throw new Error(`${String(found.length)} tables begin with "${first}"`);
  return table;
}

/** What stands in code spans. */
export function codeSpans(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span as string);
}
