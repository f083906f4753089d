import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const packageRoot = join(import.meta.dirname, '..', '..');

/** This package's PROTOCOL.md. */
export const protocolText: string = readFileSync(join(packageRoot, 'PROTOCOL.md'), 'utf8');

/** The repository's docs/errors.md. */
export const errorsText: string = readFileSync(join(packageRoot, '..', '..', 'docs', 'errors.md'), 'utf8');

/** The text of one rule of PROTOCOL.md, such as `M1`. */
export function ruleText(id: string): string {
  const line = protocolText.split('\n').find((candidate) => candidate.startsWith(`- **[${id}]**`));
  if (line === undefined) throw new Error(`PROTOCOL.md has no rule ${id}`);
  return line;
}
