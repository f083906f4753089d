import { expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { commands } from './commands.ts';
import type { UsageError } from './usage-error.ts';

it('takes options before and after operands, with a blank or "="', () => {
  for (const args of [
    ['pack', 'plugin', '--destination', 'out', '--json'],
    ['--json', 'pack', '--destination=out', 'plugin'],
  ]) {
    expect(parseArguments(args, commands)).toEqual({
      kind: 'run',
      command: expect.objectContaining({ name: 'pack' }) as unknown,
      operands: ['plugin'],
      options: new Map([['destination', 'out']]),
      isJson: true,
    });
  }
  expect(parseArguments(['pack', '--', '--json'], commands)).toMatchObject({ operands: ['--json'], isJson: false });
});

it('takes options without values', () => {
  const request = parseArguments(['sync', '--frozen', 'a.yaml', '--host-version=1.0.0', '--distro', 'web'], commands);
  expect(request).toMatchObject({ operands: ['a.yaml'] });
  expect(request.kind === 'run' && request.options.has('frozen')).toBe(true);
  expect(request.kind === 'run' && request.options.has('plan-only')).toBe(false);
});

it('help and version need nothing else', () => {
  expect(parseArguments(['--help'], commands)).toEqual({ kind: 'help', command: undefined });
  expect(parseArguments(['create', '-h'], commands)).toMatchObject({ kind: 'help', command: { name: 'create' } });
  expect(parseArguments(['help', '--help'], commands)).toEqual({ kind: 'help', command: undefined });
  expect(parseArguments(['help'], commands)).toEqual({ kind: 'help', command: undefined });
  expect(parseArguments(['help', 'create'], commands)).toMatchObject({ kind: 'help', command: { name: 'create' } });
  expect(parseArguments(['--version'], commands)).toEqual({ kind: 'version' });
});

it.each([
  [
    [],
    'expected a command, one of search, list, plan, install, update, rollback, remove, enable, disable, pin, unpin, verify, repair, sync, pack, create; got nothing',
  ],
  [
    ['instal'],
    'expected a command, one of search, list, plan, install, update, rollback, remove, enable, disable, pin, unpin, verify, repair, sync, pack, create; got "instal"; did you mean install?',
  ],
  [['pack', '--out', 'x'], '--out: expected one of --help, --json, --destination after pack'],
  [['upadte', '--all'], '"upadte"; did you mean update?'],
  [['help', 'pakc'], '"pakc"; did you mean pack?'],
  [['instal', '--help'], '"instal"; did you mean install?'],
  [['install', '--host-versoin', '1'], 'after install; did you mean --host-version?'],
  [['--verbose'], '--verbose: expected one of --help, --version'],
  [['pack', '--json=yes'], '--json: expected no value, got "yes"'],
  [['pack', '--destination'], '--destination: expected a folder after it, got nothing'],
  [['pack', '--destination', '--json'], '--destination: expected a folder after it, got "--json"'],
  [['pack', '--destination=a', '--destination=b'], '--destination: expected it once, got it twice'],
  [['create'], 'create: expected <name>'],
  [['plan', 'a:b/c'], 'plan: expected --host-version with a version, version of the dashboard; it is missing'],
  [['sync', '--frozen=yes'], '--frozen: expected no value, got "yes"'],
  [['install', 'a:b/c', '--root', 'x', '--distro=web'], 'install: expected --host-version with a version'],
  [['pack', 'a', 'b'], 'pack: expected nothing more, got "b" (fleetwire-plugin pack [folder]'],
])('%j is refused, with what was expected, what came and where', (args, message) => {
  expect(() => parseArguments(args, commands)).toThrow(
    expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(message) as string }) as Error,
  );
});

it.each(['x', 'frobnicate', 'lots'])('%s is near to none', (name) => {
  expect(() => parseArguments([name], commands)).toThrow(new RegExp(`got "${name}"$`));
});

it('says whose help says more', () => {
  const commandOf = (args: readonly string[]) => {
    try {
      return parseArguments(args, commands);
    } catch (error) {
      return (error as UsageError).command;
    }
  };
  expect(commandOf(['pack', '--out'])).toBe('pack');
  expect(commandOf(['install', 'a:b/c'])).toBe('install');
  expect(commandOf(['pakc'])).toBeUndefined();
});
