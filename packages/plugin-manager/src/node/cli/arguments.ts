import { parseArgs } from 'node:util';
import { nearestName } from '../../core/nearest-name.ts';
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
  if (name === 'help') return helpAbout(operands, commands);
  // Before its options, which are another command's then.
  if (name !== undefined && command === undefined) throw unknownCommand(name, commands);
  if (flags.some((flag) => flag.name === 'help')) return { kind: 'help', command };
  const known = new Map((command?.options ?? []).map((option) => [option.name, option.value]));
  const names = ['help', ...(command === undefined ? ['version'] : ['json', ...known.keys()])];
  const options = new Map<string, string>();
  for (const flag of flags) {
    if (!names.includes(flag.name)) {
      const where = command === undefined ? '' : ` after ${command.name}`;
      const expected = oneOf(names.map((each) => `--${each}`));
      const hint = meant(flag.name, names, '--');
      throw new UsageError(`${flag.rawName}: expected ${expected}${where}${hint}`, command?.name);
    }
    const value = known.get(flag.name);
    if (value === undefined && flag.value !== undefined) {
      throw new UsageError(`${flag.rawName}: expected no value, got ${JSON.stringify(flag.value)}`, command?.name);
    }
    if (value === undefined) {
      if (known.has(flag.name)) options.set(flag.name, '');
      continue;
    }
    if (flag.value === undefined || flag.value === '' || (!flag.inlineValue && flag.value.startsWith('-'))) {
      const found = flag.value === undefined ? 'nothing' : JSON.stringify(flag.value);
      throw new UsageError(`${flag.rawName}: expected ${value} after it, got ${found}`, command?.name);
    }
    if (options.has(flag.name)) {
      throw new UsageError(`${flag.rawName}: expected it once, got it twice`, command?.name);
    }
    options.set(flag.name, flag.value);
  }
  if (flags.some((flag) => flag.name === 'version')) return { kind: 'version' };
  if (command === undefined) throw unknownCommand(name, commands);
  checkOperands(command, operands);
  const absent = command.options.find((each) => each.isRequired === true && !options.has(each.name));
  if (absent !== undefined) {
    const { value = 'a value', what } = absent;
    throw new UsageError(
      `${command.name}: expected --${absent.name} with ${value}, ${what}; it is missing (${usageOf(command)})`,
      command.name,
    );
  }
  return { kind: 'run', command, operands, options, isJson: flags.some((flag) => flag.name === 'json') };
}

/** `help` and `help <command>`, as other programs have it. */
function helpAbout([name]: readonly string[], commands: readonly Command[]): Request {
  const command = commands.find((each) => each.name === name);
  if (name !== undefined && command === undefined) throw unknownCommand(name, commands);
  return { kind: 'help', command };
}

function unknownCommand(name: string | undefined, commands: readonly Command[]): UsageError {
  const names = commands.map((each) => each.name);
  const found = name === undefined ? 'nothing' : `${JSON.stringify(name)}${meant(name, names)}`;
  return new UsageError(`expected a command, ${oneOf(names)}; got ${found}`);
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const missing = command.operands.find(({ isRequired }, index) => isRequired && (operands[index] ?? '') === '');
  if (missing !== undefined) {
    throw new UsageError(
      `${command.name}: expected <${missing.name}>, ${missing.what}; got nothing (${usageOf(command)})`,
      command.name,
    );
  }
  const extra = operands[command.operands.length];
  if (extra !== undefined) {
    throw new UsageError(
      `${command.name}: expected nothing more, got ${JSON.stringify(extra)} (${usageOf(command)})`,
      command.name,
    );
  }
}

function oneOf(names: readonly string[]): string {
  return names.length === 1 ? String(names[0]) : `one of ${names.join(', ')}`;
}

function meant(given: string, names: readonly string[], prefix = ''): string {
  const name = nearestName(given, names);
  return name === undefined ? '' : `; did you mean ${prefix}${name}?`;
}
