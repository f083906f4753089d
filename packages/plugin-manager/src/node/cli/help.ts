import type { Command } from './command.ts';

/** The synopsis of a command in one line: what it needs, and that there is more. */
export function usageOf({ name, operands, options }: Command): string {
  const words = operands.map((operand) => (operand.isRequired ? `<${operand.name}>` : `[${operand.name}]`));
  const flags = options.filter(({ isRequired }) => isRequired === true).map(flagOf);
  return ['fleetwire-plugin', name, ...words, ...flags, '[options]'].join(' ');
}

/** What `--help` prints: of one command, or of all. */
export function helpOf(commands: readonly Command[], command?: Command): string {
  if (command !== undefined) {
    const operands = command.operands.map(({ name, what }) => [name, what] as const);
    const options = command.options.map((option) => [flagOf(option), option.what] as const);
    const json = ['--json', 'one JSON document a line, as when the output is no terminal'] as const;
    return `Usage: ${usageOf(command)}\n\n${command.summary}\n\n${table([...operands, ...options, json])}`;
  }
  return (
    `Usage: fleetwire-plugin <command>\n\n` +
    table(commands.map(({ name, summary }) => [name, summary] as const)) +
    `\n` +
    table([
      ['--help, -h', 'this; after a command, its own'],
      ['--version', 'prints the version'],
    ]) +
    `\nExit codes: 0 ok, 1 failure, 2 usage, 3 incompatible, 4 integrity or signature, 5 locked, 130 cancelled.\n`
  );
}

/** `--root <folder>`. */
function flagOf({ name, value }: Command['options'][number]): string {
  return value === undefined ? `--${name}` : `--${name} <${value.replace(/^an? /, '')}>`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, what]) => `  ${name.padEnd(width)}  ${what}\n`).join('');
}
