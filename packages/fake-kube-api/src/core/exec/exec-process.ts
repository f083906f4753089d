import { commandNamed, programName, type CommandResult } from './commands.ts';
import { entryAt, resolvePath } from './container-files.ts';
import type { ExecContainer } from './exec-container.ts';
import { exitStatus, failedExec, type ExitStatus } from './exit-status.ts';
import { expandWords, parseScript, type Step } from './shell-words.ts';
import { emptyLine, typeKey, type TtyLine } from './tty-line.ts';

/** What is to be run, as the query of the request says it. */
export interface ExecRequest {
  readonly command: readonly string[];
  readonly isTty: boolean;
  readonly hasStdin: boolean;
}

/** What runs in front. `prompted` is a shell that has asked for a line. */
type Activity = 'ready' | 'prompted' | 'sleeping' | 'copying' | 'ended';

/** One command that runs in a container, with the shell that it may be. */
export interface ExecProcess {
  readonly container: ExecContainer;
  readonly request: ExecRequest;
  /** `commands` reads them from its input, `script` has been given all of them; undefined for a program alone. */
  readonly shell: { readonly name: string; readonly reads: 'commands' | 'script' } | undefined;
  readonly activity: Activity;
  readonly directory: string;
  readonly lastCode: number;
  /** What is left of a list. */
  readonly steps: readonly Step[];
  readonly line: TtyLine;
  /** Input that nobody has read yet: whole lines on a terminal. */
  readonly unread: string;
  readonly isInputOver: boolean;
}

/** What happens to a process. */
export type ExecEvent =
  | { readonly kind: 'input'; readonly text: string }
  | { readonly kind: 'input-over' }
  /** The time of the last `sleep` effect has passed. */
  | { readonly kind: 'slept' }
  /** Its container is gone. */
  | { readonly kind: 'killed' };

/** What a process asks its server to do. `end` is the last one. */
export type ExecEffect =
  | { readonly kind: 'write'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'sleep'; readonly delayMs: number }
  /** No `slept` is wanted any more. */
  | { readonly kind: 'wake' }
  | { readonly kind: 'end'; readonly status: ExitStatus };

/** A process and what it asks for. */
export interface ExecStep {
  readonly process: ExecProcess;
  readonly effects: readonly ExecEffect[];
}

/** Input that a process does not read, in UTF-16 units; with more it is ended, as a pipe would stand still for ever. */
const MAX_UNREAD = 1024 * 1024;
/** As bash counts a program that a signal ended: 128 and the signal's number. */
const INTERRUPTED = 130;
const KILLED = 137;
const NOT_FOUND = 127;
const WRONG_USAGE = 2;

/** Starts a command. A program that is not in the container ends at once, with the words of its runtime. */
export function startProcess(container: ExecContainer, request: ExecRequest, nowMs: number): ExecStep {
  const [path = '', ...args] = request.command;
  const name = programName(path);
  const isShell = (container.flavour.shells as readonly string[]).includes(name);
  const runs = createRun({
    container,
    request,
    shell: isShell ? { name, reads: args[0] === '-c' ? 'script' : 'commands' } : undefined,
    activity: 'ready',
    directory: container.flavour.workingDirectory,
    lastCode: 0,
    steps: [],
    line: emptyLine,
    unread: '',
    isInputOver: !request.hasStdin,
  });
  if (!isShell) runs.program(path, args, nowMs);
  else if (args[0] === '-c') runs.script(args[1] ?? '');
  runs.advance(nowMs);
  return runs.result();
}

/** What an event makes of a process. */
export function transition(process: ExecProcess, event: ExecEvent, nowMs: number): ExecStep {
  const runs = createRun(process);
  if (process.activity === 'ended') return runs.result();
  switch (event.kind) {
    case 'input':
      if (process.isInputOver) break;
      if (process.request.isTty) runs.type(event.text, nowMs);
      else runs.receive(event.text);
      break;
    case 'input-over':
      runs.inputOver();
      break;
    case 'slept':
      runs.slept();
      break;
    case 'killed':
      runs.end(exitStatus(KILLED));
      break;
  }
  runs.advance(nowMs);
  return runs.result();
}

function createRun(before: ExecProcess) {
  const { container, request } = before;
  const { isTty } = request;
  const process: { -readonly [K in keyof ExecProcess]: ExecProcess[K] } = { ...before };
  const effects: ExecEffect[] = [];

  const put = (stream: 'stdout' | 'stderr', text: string): void => {
    if (text === '') return;
    // A terminal has one stream, and begins lines at their beginning.
    const write = isTty ? { stream: 'stdout' as const, text: text.replaceAll(/\r?\n/g, '\r\n') } : { stream, text };
    const last = effects.at(-1);
    if (last?.kind === 'write' && last.stream === write.stream) {
      effects.splice(-1, 1, { ...last, text: last.text + write.text });
    } else effects.push({ kind: 'write', ...write });
  };
  const end = (status: ExitStatus): void => {
    if (process.activity === 'ended') return;
    if (process.activity === 'sleeping') effects.push({ kind: 'wake' });
    Object.assign(process, { activity: 'ended', steps: [], unread: '', line: emptyLine });
    effects.push({ kind: 'end', status });
  };
  const finish = (code: number): void => {
    process.activity = 'ready';
    process.lastCode = code;
  };
  const take = (result: CommandResult): void => {
    switch (result.kind) {
      case 'done':
        put('stdout', result.stdout ?? '');
        put('stderr', result.stderr ?? '');
        finish(result.code);
        break;
      case 'sleep':
        process.activity = 'sleeping';
        effects.push({ kind: 'sleep', delayMs: result.delayMs });
        break;
      case 'copy':
        process.activity = 'copying';
    }
  };
  const complain = (text: string, code: number): void => {
    put('stderr', `${process.shell?.name ?? 'sh'}: ${text}\n`);
    finish(code);
  };

  const changeDirectory = (path: string): void => {
    const directory = resolvePath(process.directory, path);
    const entry = entryAt(container.files, directory);
    if (entry?.kind === 'directory') {
      process.directory = directory;
      finish(0);
    } else complain(`cd: can't cd to ${path}: ${entry ? 'Not a directory' : 'No such file or directory'}`, 1);
  };
  const runWords = ([name, ...args]: readonly string[], nowMs: number): void => {
    if (name === undefined) {
      finish(process.lastCode);
      return;
    }
    if (name === 'exit') {
      const [code = String(process.lastCode)] = args;
      if (/^\d+$/.test(code)) end(exitStatus(Number(code) & 0xff));
      else complain(`exit: Illegal number: ${code}`, WRONG_USAGE);
      return;
    }
    if (name === 'cd') {
      changeDirectory(args[0] ?? container.flavour.home);
      return;
    }
    const command = commandNamed(name, container);
    if (!command) complain(`${name}: not found`, NOT_FOUND);
    else take(command(args, { container, directory: process.directory, isTty, nowMs }));
  };
  const runStep = (nowMs: number): void => {
    const [step, ...rest] = process.steps;
    process.steps = rest;
    if (!step || (step.runs === 'after-success' && process.lastCode !== 0)) return;
    if (step.runs === 'after-failure' && process.lastCode === 0) return;
    runWords(expandWords(step.words, container.env, process.lastCode), nowMs);
  };
  const script = (text: string): void => {
    const parsed = parseScript(text);
    if (parsed.kind === 'steps') process.steps = parsed.steps;
    else complain(`syntax error: unexpected ${parsed.unexpected}`, WRONG_USAGE);
  };

  /** Takes what can be read now: a whole line, or the rest once there is no more. */
  const nextLine = (): string | undefined => {
    const mark = process.unread.indexOf('\n');
    if (mark < 0 && (!process.isInputOver || process.unread === '')) return undefined;
    const line = mark < 0 ? process.unread : process.unread.slice(0, mark);
    process.unread = mark < 0 ? '' : process.unread.slice(mark + 1);
    return line;
  };
  const prompt = (): string => {
    const { user } = container.flavour;
    const sign = user === 'root' ? '#' : '$';
    return process.shell?.name === 'bash'
      ? `${user}@${container.podName}:${process.directory}${sign} `
      : `${process.directory} ${sign} `;
  };
  /** False when the process waits for something. */
  const advanceOnce = (nowMs: number): boolean => {
    if (process.activity === 'ended' || process.activity === 'sleeping') return false;
    if (process.activity === 'copying') {
      put('stdout', process.unread);
      process.unread = '';
      if (process.isInputOver) finish(0);
      return process.isInputOver;
    }
    if (process.steps.length > 0) {
      runStep(nowMs);
      return true;
    }
    if (process.shell?.reads !== 'commands') {
      end(exitStatus(process.lastCode));
      return false;
    }
    if (isTty && process.activity === 'ready') put('stdout', prompt());
    process.activity = 'prompted';
    const line = nextLine();
    if (line !== undefined) {
      process.activity = 'ready';
      script(line);
    } else if (process.isInputOver) end(exitStatus(process.lastCode));
    return line !== undefined;
  };

  const interrupt = (): void => {
    if (process.activity === 'sleeping') effects.push({ kind: 'wake' });
    process.steps = [];
    process.unread = '';
    finish(INTERRUPTED);
  };
  const endOfTyped = (): void => {
    if (process.activity === 'copying') finish(0);
    else if (process.activity === 'prompted') {
      put('stdout', 'exit\n');
      end(exitStatus(process.lastCode));
    }
  };
  const advance = (nowMs: number): void => {
    while (advanceOnce(nowMs));
  };

  return {
    script,
    end,
    advance,
    program(path: string, args: readonly string[], nowMs: number): void {
      const command = commandNamed(path, container);
      if (command) take(command(args, { container, directory: process.directory, isTty, nowMs }));
      else {
        const why = path.includes('/')
          ? `stat ${path}: no such file or directory`
          : 'executable file not found in $PATH';
        end(failedExec(`error executing command in container: exec: "${path}": ${why}`));
      }
    },
    type(text: string, nowMs: number): void {
      for (const character of text) {
        const { line, echo, event } = typeKey(process.line, character);
        process.line = line;
        put('stdout', echo);
        if (event?.kind === 'interrupt') interrupt();
        else if (event?.kind === 'end') endOfTyped();
        else if (event && process.unread.length < MAX_UNREAD) process.unread += `${event.text}\n`;
        if (event) advance(nowMs);
        if (process.activity === 'ended') return;
      }
    },
    receive(text: string): void {
      process.unread += text;
      const isRead = process.shell?.reads === 'commands' || process.activity === 'copying';
      if (process.unread.length > MAX_UNREAD && process.activity !== 'copying') {
        if (isRead) end(failedExec('the input came faster than the command reads'));
        // Nobody will ever read it.
        else process.unread = '';
      }
    },
    inputOver(): void {
      process.isInputOver = true;
    },
    slept(): void {
      if (process.activity === 'sleeping') finish(0);
    },
    result: (): ExecStep => ({ process, effects }),
  };
}
