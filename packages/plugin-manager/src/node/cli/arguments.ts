import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { usageOf } from './help.ts';
import { UsageError } from './usage-error.ts';

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly operands: readonly string[];
      /** With an empty text for those that take no value. */
      readonly options: ReadonlyMap<string, string>;
      readonly isJson: boolean;
    };

/** Reads a command line. Throws a {@link UsageError}. */
export function parseArguments(args: readonly string[], commands: readonly Command[]): Request {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(
        commands.flatMap(({ options }) =>
          options.map(({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string' } as const]),
        ),
      ),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const [name, ...operands] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const flags = tokens.filter((token) => token.kind === 'option');
  const command = commands.find((each) => each.name === name);
  if (flags.some((flag) => flag.name === 'help')) return { kind: 'help', command };
  const known = new Map((command?.options ?? []).map((option) => [option.name, option.value]));
  const names = ['help', ...(command === undefined ? ['version'] : ['json', ...known.keys()])];
  const options = new Map<string, string>();
  for (const flag of flags) {
    if (!names.includes(flag.name)) {
      const where = command === undefined ? '' : ` after ${command.name}`;
      throw new UsageError(`${flag.rawName}: expected ${oneOf(names.map((each) => `--${each}`))}${where}`);
    }
    const value = known.get(flag.name);
    if (value === undefined && flag.value !== undefined) {
      throw new UsageError(`${flag.rawName}: expected no value, got ${JSON.stringify(flag.value)}`);
    }
    if (value === undefined) {
      if (known.has(flag.name)) options.set(flag.name, '');
      continue;
    }
    if (flag.value === undefined || flag.value === '' || (!flag.inlineValue && flag.value.startsWith('-'))) {
      throw new UsageError(
        `${flag.rawName}: expected ${value} after it, got ${JSON.stringify(flag.value ?? 'nothing')}`,
      );
    }
    if (options.has(flag.name)) throw new UsageError(`${flag.rawName}: expected it once, got it twice`);
    options.set(flag.name, flag.value);
  }
  if (flags.some((flag) => flag.name === 'version')) return { kind: 'version' };
  if (command === undefined) {
    const found = name === undefined ? 'nothing' : JSON.stringify(name);
    throw new UsageError(`expected a command, ${oneOf(commands.map((each) => each.name))}; got ${found}`);
  }
  checkOperands(command, operands);
  const absent = command.options.find((each) => each.isRequired === true && !options.has(each.name));
  if (absent !== undefined) {
    const { value = 'a value', what } = absent;
    throw new UsageError(
      `${command.name}: expected --${absent.name} with ${value}, ${what}; it is missing (${usageOf(command)})`,
    );
  }
  return { kind: 'run', command, operands, options, isJson: flags.some((flag) => flag.name === 'json') };
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const missing = command.operands.find(({ isRequired }, index) => isRequired && (operands[index] ?? '') === '');
  if (missing !== undefined) {
    throw new UsageError(
      `${command.name}: expected <${missing.name}>, ${missing.what}; got nothing (${usageOf(command)})`,
    );
  }
  const extra = operands[command.operands.length];
  if (extra !== undefined) {
    throw new UsageError(`${command.name}: expected nothing more, got ${JSON.stringify(extra)} (${usageOf(command)})`);
  }
}

function oneOf(names: readonly string[]): string {
  return names.length === 1 ? String(names[0]) : `one of ${names.join(', ')}`;
}
