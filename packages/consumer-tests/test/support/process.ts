import { spawn, type ChildProcess } from 'node:child_process';

/** How a program is run. */
export interface RunOptions {
  readonly cwd: string;
  /** Added to the environment, which is this process's without what vitest has put there. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program that has ended came to. */
export interface Outcome {
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
  /** Standard output alone. */
  readonly stdout: string;
}

/** A program that runs. */
export interface Running {
  /** Resolves with the first match in what the program has printed; rejects when it ends without. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when the program has ended and all its output was read. */
  readonly ended: Promise<Outcome>;
  stop(signal: NodeJS.Signals): Promise<Outcome>;
}

/** Starts a program; a program that cannot be started ends with code null and the reason as its output. */
export function start(command: string, args: readonly string[], options: RunOptions): Running {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = new Output(child);
  return {
    printed: (pattern) => output.find(pattern, [command, ...args].join(' ')),
    ended: output.ended,
    stop: (signal) => {
      child.kill(signal);
      return output.ended;
    },
  };
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  return start(command, args, options).ended;
}

/** Runs a program to its end and returns its standard output; rejects with all that it printed when it fails. */
export async function runWell(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, output, stdout } = await run(command, args, options);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${String(code)}:\n${output}`);
  return stdout;
}

class Output {
  readonly ended: Promise<Outcome>;
  #text = '';
  #stdout = '';
  #waiting: (() => void)[] = [];
  #isOver = false;

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#add(text);
      });
    }
    child.stdout?.on('data', (text: string) => {
      this.#stdout += text;
    });
    this.ended = new Promise((resolve) => {
      const end = (code: number | null): void => {
        this.#isOver = true;
        this.#add('');
        resolve({ code, output: this.#text, stdout: this.#stdout });
      };
      child.on('close', end);
      child.on('error', (error) => {
        this.#text += error.message;
        end(null);
      });
    });
  }

  async find(pattern: RegExp, what: string): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      if (this.#isOver) throw new Error(`${what} ended without printing ${String(pattern)}:\n${this.#text}`);
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  #add(text: string): void {
    this.#text += text;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** What vitest sets, where pnpm lets Node look for packages, and the folder that npm would install into. */
const foreign = /^(NODE_ENV|NODE_OPTIONS|NODE_PATH|VITEST.*|npm_config_local_prefix|PORT)$/;

function environment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(entries), NO_COLOR: '1', ...added };
}
