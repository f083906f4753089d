import { entryAt, resolvePath, type FileEntry } from './container-files.ts';
import type { ExecContainer } from './exec-container.ts';

/** What a command sees. */
export interface CommandContext {
  readonly container: ExecContainer;
  readonly directory: string;
  readonly isTty: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** What a command does; one that takes time says so and is over later. */
export type CommandResult =
  | { readonly kind: 'done'; readonly code: number; readonly stdout?: string; readonly stderr?: string }
  | { readonly kind: 'sleep'; readonly delayMs: number }
  /** Writes its input out until that ends. */
  | { readonly kind: 'copy' };

type Command = (args: readonly string[], context: CommandContext) => CommandResult;

/** Timers hold no more than 2³¹ ms; a day is as good as for ever here. */
const MAX_SLEEP_MS = 24 * 60 * 60 * 1000;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const done = (stdout: string, code = 0): CommandResult => ({ kind: 'done', code, stdout });
const failed = (stderr: string, code = 1): CommandResult => ({ kind: 'done', code, stderr });

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
const two = (number: number): string => String(number).padStart(2, '0');

function isOption(argument: string): boolean {
  return argument.startsWith('-') && argument.length > 1;
}

const echo: Command = (args) => {
  const isOpen = args[0] === '-n';
  return done(`${(isOpen ? args.slice(1) : args).join(' ')}${isOpen ? '' : '\n'}`);
};

const date: Command = (_args, { nowMs }) => {
  const now = new Date(nowMs);
  const time = [now.getUTCHours(), now.getUTCMinutes(), now.getUTCSeconds()].map(two).join(':');
  const day = `${DAYS[now.getUTCDay()] ?? ''} ${MONTHS[now.getUTCMonth()] ?? ''} ${String(now.getUTCDate()).padStart(2)}`;
  return done(`${day} ${time} UTC ${String(now.getUTCFullYear())}\n`);
};

const env: Command = (_args, { container }) =>
  done(lines([...container.env].map(([name, value]) => `${name}=${value}`)));

const ps: Command = (_args, { container: { flavour } }) =>
  done(
    lines([
      'PID   USER     TIME  COMMAND',
      `${'1'.padStart(5)} ${flavour.user.padEnd(8)}  0:04 ${flavour.mainCommand}`,
      `${'29'.padStart(5)} ${flavour.user.padEnd(8)}  0:00 ${flavour.shells.at(-1) ?? 'ps'}`,
    ]),
  );

const sleep: Command = (args) => {
  const [text = ''] = args;
  if (args.length === 0) return failed('sleep: missing operand\n');
  if (text === 'infinity') return { kind: 'sleep', delayMs: MAX_SLEEP_MS };
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  if (!match) return failed(`sleep: invalid number '${text}'\n`);
  const delayMs = Number(match[1]) * (UNIT_MS[match[2] || 's'] ?? 1000);
  return { kind: 'sleep', delayMs: Math.min(delayMs, MAX_SLEEP_MS) };
};

const cat: Command = (args, { container, directory }) => {
  const paths = args.filter((argument) => !isOption(argument));
  if (paths.length === 0 || paths.includes('-')) return { kind: 'copy' };
  let stdout = '';
  let stderr = '';
  for (const path of paths) {
    const entry = entryAt(container.files, resolvePath(directory, path));
    if (entry?.kind === 'file') stdout += entry.content;
    else
      stderr += entry ? `cat: read error: Is a directory\n` : `cat: can't open '${path}': No such file or directory\n`;
  }
  return { kind: 'done', code: stderr === '' ? 0 : 1, stdout, stderr };
};

function longLine(name: string, entry: FileEntry | undefined, user: string): string {
  const isFile = entry?.kind === 'file';
  const size = isFile ? entry.content.length : 4096;
  return `${isFile ? '-rw-r--r--' : 'drwxr-xr-x'} 1 ${user} ${user} ${String(size).padStart(8)} ${name}`;
}

const ls: Command = (args, { container, directory, isTty }) => {
  const options = args.filter(isOption).join('');
  const given = args.filter((argument) => !isOption(argument));
  const paths = given.length === 0 ? ['.'] : given;
  let stdout = '';
  let stderr = '';
  for (const path of paths) {
    const full = resolvePath(directory, path);
    const entry = entryAt(container.files, full);
    if (!entry) {
      stderr += `ls: ${path}: No such file or directory\n`;
      continue;
    }
    if (paths.length > 1 && entry.kind === 'directory') stdout += `${stdout === '' ? '' : '\n'}${path}:\n`;
    const names = entry.kind === 'file' ? [path] : entry.names;
    const long = (name: string): string =>
      longLine(name, entryAt(container.files, resolvePath(full, name)) ?? entry, container.flavour.user);
    if (options.includes('l')) stdout += lines(names.map(long));
    else if (isTty && !options.includes('1') && names.length > 0) stdout += `${names.join('  ')}\n`;
    else stdout += lines(names);
  }
  return { kind: 'done', code: stderr === '' ? 0 : 1, stdout, stderr };
};

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['cat', cat],
  ['date', date],
  ['echo', echo],
  ['env', env],
  ['false', () => done('', 1)],
  ['hostname', (_args, { container }) => done(`${container.podName}\n`)],
  ['ls', ls],
  ['ps', ps],
  ['pwd', (_args, { directory }) => done(`${directory}\n`)],
  ['sleep', sleep],
  ['true', () => done('')],
  ['whoami', (_args, { container }) => done(`${container.flavour.user}\n`)],
]);

/** The name of a program, written alone or with the directory that it is in. */
export function programName(path: string): string {
  return /^(?:\/usr)?\/bin\/([^/]+)$/.exec(path)?.[1] ?? path;
}

/** The program of this name; undefined where the container has none. */
export function commandNamed(path: string, { flavour }: ExecContainer): Command | undefined {
  // An image without a shell has no tools either.
  return flavour.shells.length === 0 ? undefined : commands.get(programName(path));
}
