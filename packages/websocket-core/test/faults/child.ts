import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { CommandAnswer, Commands } from './commands.ts';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the test, ended with it at the latest. */
export interface Child<C extends Commands> {
  readonly pid: number;
  /** Rejects with what the command threw, or when the process ends first. */
  call<K extends keyof C>(name: K, ...params: Parameters<C[K]>): Promise<Awaited<ReturnType<C[K]>>>;
  signal(signal: NodeJS.Signals): void;
  /** Kills it and waits for its end. */
  kill(): Promise<void>;
  readonly exited: Promise<Exit>;
  /** What it wrote to standard error. */
  readonly errors: () => string;
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a script of this folder with the Node that runs the test. `options` reach it as JSON in its first argument. */
export function startChild<C extends Commands>(
  script: URL,
  options: object,
  execArgv: readonly string[] = [],
): Child<C> {
  const child = fork(fileURLToPath(script), [JSON.stringify(options)], {
    // A runner's own flags and worker settings are none of the child's business.
    execArgv: [...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      const error = new Error(`the process ended: ${String(code ?? signal)}\n${errors}`);
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
      resolve({ code, signal });
    });
  });
  child.on('message', (answer: CommandAnswer) => {
    const call = pending.get(answer.id);
    pending.delete(answer.id);
    if ('failure' in answer) call?.reject(new Error(answer.failure));
    else call?.resolve(answer.result as never);
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  return {
    pid: child.pid as number,
    call: (name, ...params) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        if (!child.connected) {
          reject(new Error(`the process has ended\n${errors}`));
          return;
        }
        pending.set(lastId, { resolve, reject });
        child.send({ id: lastId, name, params: params[0] as unknown });
      }),
    signal: (signal) => {
      child.kill(signal);
    },
    kill,
    exited,
    errors: () => errors,
  };
}

/** Waits for the end of a process that ends by itself. */
export async function exitOf(child: Child<Commands>, withinMs: number): Promise<Exit> {
  const timeout = AbortSignal.timeout(withinMs);
  const late = once(timeout, 'abort').then(() => {
    throw new Error(`the process ${String(child.pid)} did not end within ${String(withinMs)} ms\n${child.errors()}`);
  });
  return Promise.race([child.exited, late]);
}
