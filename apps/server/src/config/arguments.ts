import { parseArgs } from 'node:util';
import { configKeys } from './schema.ts';

/** What a command line asks for, before its values are checked. */
export interface Arguments {
  /** Words before the first flag: `['config', 'check']`. */
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

/**
 * Splits a command line. `ownFlags` are those that a command has beside the keys of the configuration. What does not fit
 * goes to `problems`.
 */
export function parseArguments(
  args: readonly string[],
  ownFlags: (words: readonly string[]) => readonly string[],
  problems: string[],
): Arguments {
  const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
  const words = args.slice(0, firstFlag === -1 ? args.length : firstFlag);
  const known = [...configKeys.flatMap(({ flag }) => (flag === undefined ? [] : [flag])), ...ownFlags(words)];
  const { tokens } = parseArgs({
    args: withBareFlags(args.slice(words.length)),
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(known.map((flag) => [flag, { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  });
  const flags = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`${token.value}: expected a flag, got an argument`);
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.name === 'version') flags.set(token.name, '');
    else if (!known.includes(token.name)) {
      problems.push(`${token.rawName}: unknown flag; expected one of ${known.map((flag) => `--${flag}`).join(', ')}`);
    } else if (
      token.value === undefined ||
      token.value === '' ||
      (!token.inlineValue && token.value.startsWith('--'))
    ) {
      problems.push(`${token.rawName}: expected a value, got none`);
    } else flags.set(token.name, token.value);
  }
  return { words, flags };
}

/** Gives flags that may stand alone their value, so that they do not take the next flag for it. */
function withBareFlags(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const info = configKeys.find(({ flag, bareFlag }) => bareFlag !== undefined && arg === `--${String(flag)}`);
    const next = args[index + 1];
    return info !== undefined && (next === undefined || next.startsWith('-')) ? `${arg}=${String(info.bareFlag)}` : arg;
  });
}
