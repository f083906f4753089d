import type { OperationProgress } from '../../core/operation-progress.ts';
import { PluginError } from '../../protocol/error.ts';
import type { CommandResult } from './command.ts';
import { progressLine, withoutControls } from './progress-line.ts';
import { UsageError } from './usage-error.ts';

/** A stream of the process, as far as the program uses it. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Where and how the program speaks. */
export interface OutputOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--json`; without it NDJSON is written where stdout is no terminal. */
  readonly isJson: boolean;
}

/** Says what a command does and how it ends; exactly one of `finish` and `fail` is called, once. */
export interface Output {
  /** `pluginId`: where a command works on several. */
  progress(progress: OperationProgress, pluginId?: string): void;
  /** What is known before the end. */
  event(event: CommandResult): void;
  finish(result: CommandResult): void;
  /** The reason goes to stderr in words, and as the last line of the NDJSON. */
  fail(error: unknown): void;
}

/**
 * For programs, one JSON document a line on stdout (`queued`, `phase`, `bytes`, `warning`, and last `done`, `failed` or
 * `cancelled`); for people, a line on stderr that is drawn anew, and the result on stdout.
 */
export function createOutput(options: OutputOptions): Output {
  return options.isJson || options.stdout.isTTY !== true ? jsonOutput(options) : terminalOutput(options);
}

function jsonOutput({ stdout, stderr }: OutputOptions): Output {
  const line = (value: unknown) => stdout.write(`${JSON.stringify(value)}\n`);
  return {
    progress: (progress, pluginId) => {
      // The end is said once, with its result, when everything is in place.
      if (!isLast(progress)) line(pluginId === undefined ? progress : { ...progress, pluginId });
    },
    event: ({ value }) => line(value),
    finish: ({ value }) => line({ type: 'done', result: value }),
    fail: (error) => {
      const isCancelled = error instanceof PluginError && error.code === 'E_CANCELLED';
      line({ type: isCancelled ? 'cancelled' : 'failed', error: errorValue(error) });
      stderr.write(`fleetwire-plugin: ${messageOf(error)}\n`);
    },
  };
}

function terminalOutput({ stdout, stderr, environment }: OutputOptions): Output {
  // https://no-color.org: set to anything but an empty text.
  const isColoured = stderr.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  let isDrawn = false;
  let drawing: { readonly progress: OperationProgress; readonly pluginId: string | undefined } | undefined;
  const clear = () => {
    if (isDrawn) stderr.write('\r\u001b[K');
    isDrawn = false;
  };
  return {
    progress: (progress, pluginId) => {
      if (isLast(progress)) return;
      clear();
      if (progress.type === 'warning') {
        const about = pluginId === undefined ? '' : `${pluginId}: `;
        stderr.write(`warning: ${withoutControls(`${about}${progress.message}`)}\n`);
      } else drawing = { progress, pluginId };
      if (stderr.isTTY !== true || drawing === undefined) return;
      // A warning stands above the line, which goes on saying what it said.
      const style = { columns: columnsOf(stderr), isColoured, pluginId: drawing.pluginId };
      stderr.write(progressLine(drawing.progress, style));
      isDrawn = true;
    },
    event: ({ text }) => {
      clear();
      stdout.write(`${text}\n`);
    },
    finish: ({ text }) => {
      clear();
      stdout.write(`${text}\n`);
    },
    fail: (error) => {
      clear();
      stderr.write(`fleetwire-plugin: ${messageOf(error)}\n`);
    },
  };
}

/** A terminal that nobody has told its size, as some of containers and of CI, says 0. */
function columnsOf({ columns = 0 }: OutputStream): number {
  return columns > 0 ? columns : 80;
}

function isLast({ type }: OperationProgress): boolean {
  return type === 'done' || type === 'failed' || type === 'cancelled';
}

function errorValue(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof PluginError)) return { message: messageOf(error) };
  const { code, message, phase, retryable, pluginId, details } = error;
  return { code, message, phase, retryable, pluginId, details };
}

/** What the user can mend is said in a sentence; anything else is a fault of the program and needs its stack. */
function messageOf(error: unknown): string {
  if (error instanceof UsageError) return withoutControls(error.message);
  if (error instanceof PluginError) {
    const { message, pluginId, code } = error;
    return withoutControls(`${namingPlugin(message, pluginId)}${placeOf(error)} (${code})`);
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The message of a failure, which names the plugin: many begin so. */
export function namingPlugin(message: string, pluginId: string | undefined): string {
  return pluginId === undefined || message.includes(pluginId) ? message : `${pluginId}: ${message}`;
}

/** The file of this machine that a failure is about: its message leaves it out, since a server tells it to others. */
function placeOf({ message, cause }: PluginError): string {
  if (cause instanceof PluginError) return placeOf(cause);
  const path = cause instanceof Error && 'path' in cause ? cause.path : undefined;
  return typeof path !== 'string' || message.includes(path) ? '' : ` [${path}]`;
}
