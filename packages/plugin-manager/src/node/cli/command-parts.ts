import { relative, sep } from 'node:path';
import type { Operation } from '../operation.ts';
import type { PluginManager } from '../plugin-manager-interface.ts';
import { findInstalled } from '../facade-names.ts';
import { followOperation } from '../follow-operation.ts';
import type { CommandContext } from './command.ts';
import { withoutControls } from './progress-line.ts';

/** An installed plugin. */
export const pluginOperand = {
  name: 'plugin',
  isRequired: true,
  what: 'its id, <source>:<repo>/<name>, its name in package.json, or its folder',
} as const;

/** The id of an installed plugin that the first operand names. */
export async function installedId(manager: PluginManager, { operands }: CommandContext): Promise<string> {
  const [given = ''] = operands;
  return findInstalled(given, await manager.list()).pluginId;
}

/** Shows what an operation does, and gives what it comes to. */
export function follow<T>(operation: Operation<T>, { onProgress }: CommandContext): Promise<T> {
  return followOperation(operation, (progress) => {
    onProgress(progress);
  });
}

/** A path as short as it can be told: what is not below the working folder whole, and never by ways up from it. */
export function shownPath(workingFolder: string, path: string): string {
  const short = relative(workingFolder, path);
  return short === '..' || short.startsWith(`..${sep}`) ? path : short;
}

/** Rows in columns that are as wide as need be; `otherwise` where there is none. */
export function table(rows: readonly (readonly string[])[], otherwise: string): string {
  if (rows.length === 0) return otherwise;
  const clean = rows.map((row) => row.map(withoutControls));
  const widths: number[] = [];
  for (const row of clean) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return clean
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
