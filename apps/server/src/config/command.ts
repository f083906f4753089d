import { parseArguments } from './arguments.ts';
import { readConfig, type Environment, type ReadConfig, type ReadText } from './read.ts';
import { ConfigError, configKeys } from './schema.ts';

/** What a command line asks for. */
export type Command =
  | ({ readonly kind: 'serve' | 'config-check' } & ReadConfig)
  | ({ readonly kind: 'kubeconfig'; readonly options: KubeconfigOptions } & ReadConfig)
  | ({ readonly kind: 'org-add'; readonly name: string; readonly admin: OrganisationAdmin } & ReadConfig)
  | ({ readonly kind: 'user-password'; readonly name: string } & ReadConfig)
  | ({ readonly kind: 'db-copy'; readonly to: string } & ReadConfig)
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

/** Flags of `fleetwire kubeconfig`. */
export interface KubeconfigOptions {
  readonly cluster: string | undefined;
  readonly user: string | undefined;
  readonly url: string | undefined;
}

/** The administrator of a new organisation: a new user, or one that is there. */
export interface OrganisationAdmin {
  readonly username: string;
  readonly isExistingUser: boolean;
}

interface CommandInfo {
  readonly kind: Exclude<Command['kind'], 'help' | 'version'>;
  readonly words: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly description: string;
}

const commands: readonly CommandInfo[] = [
  { kind: 'serve', words: '', flags: {}, description: 'starts the server' },
  {
    kind: 'config-check',
    words: 'config check',
    flags: {},
    description: 'prints the configuration that would be used, and exits with 2 where it cannot be',
  },
  {
    kind: 'kubeconfig',
    words: 'kubeconfig',
    flags: {
      cluster: 'one cluster; default all of the organisation',
      user: 'name of the user whose token it holds; default admin',
      url: 'where clients reach the server; default its TLS address',
    },
    description: 'prints a kubeconfig for kubectl; the server of the data folder must run',
  },
  {
    kind: 'org-add',
    words: 'org add',
    flags: {
      name: 'name of the organisation',
      admin: 'name of its administrator, a new user',
      'existing-admin': 'name of its administrator, a user that is there; instead of --admin',
    },
    description: 'adds an organisation to the server of the data folder, which must run',
  },
  {
    kind: 'user-password',
    words: 'user password',
    flags: { name: 'name of the user' },
    description: 'gives a user a new password and prints it; the server of the data folder must run',
  },
  {
    kind: 'db-copy',
    words: 'db copy',
    flags: { to: 'empty database to copy to: postgres://… or sqlite:path' },
    description: 'copies the database into an empty one; no server may run on either',
  },
];

/** Reads a command line with its configuration. Throws a {@link ConfigError} with every problem at once. */
export function readCommand(args: readonly string[], environment: Environment, readText?: ReadText): Command {
  const problems: string[] = [];
  const find = (words: readonly string[]) => commands.find((command) => command.words === words.join(' '));
  const { words, flags } = parseArguments(args, (given) => Object.keys(find(given)?.flags ?? {}), problems);
  if (flags.has('help')) return { kind: 'help' };
  if (flags.has('version')) return { kind: 'version' };
  const command = find(words);
  if (command === undefined) {
    const names = commands.flatMap((each) => (each.words === '' ? [] : [`\`${each.words}\``]));
    throw new ConfigError([`${words.join(' ')}: unknown command; expected none, or one of ${names.join(', ')}`]);
  }
  const read = readConfig(flags, environment, problems, readText);
  const required = (flag: string): string => {
    const value = flags.get(flag);
    if (value === undefined) throw new ConfigError([`--${flag}: expected ${String(command.flags[flag])}, got none`]);
    return value;
  };
  switch (command.kind) {
    case 'db-copy':
      return { kind: command.kind, to: required('to'), ...read };
    case 'org-add':
      return { kind: command.kind, name: required('name'), admin: adminOf(flags, required), ...read };
    case 'user-password':
      return { kind: command.kind, name: required('name'), ...read };
    case 'kubeconfig': {
      const options = { cluster: flags.get('cluster'), user: flags.get('user'), url: flags.get('url') };
      return { kind: command.kind, options, ...read };
    }
    case 'serve':
    case 'config-check':
      return { kind: command.kind, ...read };
  }
}

function adminOf(flags: ReadonlyMap<string, string>, required: (flag: string) => string): OrganisationAdmin {
  const existing = flags.get('existing-admin');
  if (existing === undefined) return { username: required('admin'), isExistingUser: false };
  if (flags.has('admin')) throw new ConfigError(['--existing-admin: expected none beside --admin']);
  return { username: existing, isExistingUser: true };
}

/** Text of `--help`. */
export function helpText(): string {
  const usage = commands.map(
    ({ words, description }) => `  ${`fleetwire ${words}`.trimEnd().padEnd(26)}${description}`,
  );
  const own = commands.flatMap(({ words, flags }) =>
    Object.entries(flags).map(([flag, description]) => `  ${`--${flag}`.padEnd(52)}${words}: ${description}`),
  );
  const rows = configKeys.map(({ flag, env, name, description, defaultValue }) => {
    const left = [flag === undefined ? undefined : `--${flag}`, env].filter((part) => part !== undefined).join(', ');
    return `  ${(left === '' ? `${name} (in the file)` : left).padEnd(52)}${description}${defaultValue === '' ? '' : ` (${defaultValue})`}`;
  });
  return [
    'Usage: fleetwire [command] [flags]',
    '',
    ...usage,
    '',
    ...rows,
    '',
    ...own,
    '',
    'Flags win over the environment, the environment over fleetwire.yaml. A secret may stand in a file that the variable',
    'with _FILE at its end names.',
    '',
  ].join('\n');
}
