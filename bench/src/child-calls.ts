import { execFileSync, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import process from 'node:process';

/** Calls between the runner and its child processes: one message each way, over Node's IPC channel. */
interface CallMessage {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

interface AnswerMessage {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export type CallHandlers = Readonly<Record<string, (params: never) => unknown>>;

/** In a child: answers the runner's calls until the runner goes away. */
export function answerCalls(handlers: CallHandlers): void {
  process.on('message', (message: CallMessage) => {
    void answer(handlers, message);
  });
  process.on('disconnect', () => process.exit(0));
}

async function answer(handlers: CallHandlers, { id, method, params }: CallMessage): Promise<void> {
  let message: AnswerMessage;
  try {
    const handler = handlers[method];
    if (handler === undefined) throw new TypeError(`unknown call ${method}`);
    message = { id, result: (await handler(params as never)) ?? null };
  } catch (error) {
    message = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(message);
}

/** Descriptors that this process may open; null when there is no limit. */
export function openFilesLimit(): number | null {
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }));
  return Number.isNaN(limit) ? null : limit;
}

export interface ChildOptions {
  /** Core that the child is bound to, where `taskset` exists. */
  readonly core?: number | undefined;
  readonly nodeArguments?: readonly string[] | undefined;
  /** Descriptors that the child wants; it gets at most what the system allows. */
  readonly openFiles?: number | undefined;
  readonly arguments?: readonly string[] | undefined;
}

/** A live child process. */
export interface Child {
  /** Rejects when the child fails, ends, or takes longer than `timeoutMs` (default 60 s). */
  call<T>(method: string, params?: unknown, timeoutMs?: number): Promise<T>;
  dispose(): Promise<void>;
}

/** A child that has not gone by then hangs. */
const exitTimeoutMs = 5_000;

const canPin = existsSync('/usr/bin/taskset') && availableParallelism() > 1;

/** Whether children are bound to cores on this machine. */
export const isPinned: boolean = canPin;

/** Starts `file` (a module beside this one) as a child process. */
export function startChild(file: string, options: ChildOptions = {}): Child {
  const command = [
    // A system that refuses the wish gives its hard limit instead.
    ...(options.openFiles === undefined
      ? []
      : [
          'sh',
          '-c',
          `ulimit -n ${String(options.openFiles)} 2>/dev/null || ulimit -n "$(ulimit -H -n)"; exec "$@"`,
          'sh',
        ]),
    ...(canPin && options.core !== undefined ? ['taskset', '-c', String(options.core)] : []),
    process.execPath,
    ...(options.nodeArguments ?? []),
    new URL(file, import.meta.url).pathname,
    ...(options.arguments ?? []),
  ];
  const child = spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let ended: Error | undefined;
  const fail = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.on('error', fail);
  const exited = new Promise<void>((resolve) => {
    child.on('exit', (code, signal) => {
      fail(new Error(`${file} ended with ${signal ?? String(code)}`));
      resolve();
    });
  });
  child.on('message', (message: AnswerMessage) => {
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) call?.resolve(message.result as never);
    else call?.reject(new Error(message.error));
  });
  return {
    call<T>(method: string, params?: unknown, timeoutMs = 60_000) {
      if (ended !== undefined) return Promise.reject(ended);
      lastId += 1;
      const id = lastId;
      return new Promise<T>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`${file}: no answer to ${method} within ${String(timeoutMs)} ms`));
        }, timeoutMs);
        const settle =
          <A>(then: (value: A) => void) =>
          (value: A) => {
            clearTimeout(timer);
            then(value);
          };
        waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
        child.send({ id, method, params } satisfies CallMessage);
      });
    },
    async dispose() {
      if (child.connected) child.disconnect();
      // The child exits by itself when the channel closes, so that `NODE_OPTIONS=--cpu-prof` writes its profile.
      const timer = setTimeout(() => child.kill('SIGKILL'), exitTimeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
