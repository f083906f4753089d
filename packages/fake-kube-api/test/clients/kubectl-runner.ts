import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Kubectl } from '@fleetwire/config/kubectl';
import { expect, vi } from 'vitest';

/** What a kubectl said. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** A kubectl that goes on, such as `get -w`. */
export interface Stream {
  readonly lines: readonly string[];
  /** Waits for a line that matches, and returns it. */
  line(pattern: RegExp): Promise<string>;
  stop(): void;
}

/** One kubectl against one server, with a home and an empty kubeconfig of its own. */
export interface Runner {
  /** Runs to the end and expects success; returns what it printed. */
  run(args: string, options?: RunOptions): Promise<string>;
  /** Runs to the end, however it ends. */
  attempt(args: string, options?: RunOptions): Promise<Output>;
  stream(args: string): Stream;
  /** Writes a file into its folder and returns the path. */
  file(name: string, content: string): string;
  dispose(): void;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** 32 of a kubectl 1.32. */
export const minorOf = ({ version }: Kubectl): number => Number(version.split('.')[1]);

/** Arguments are separated by spaces; what is in single quotes stays together, as in a shell. */
function split(args: string): string[] {
  return [...args.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([argument]) => argument.replaceAll("'", ''));
}

export function createRunner(kubectl: Kubectl, url: string): Runner {
  const folder = mkdtempSync(join(tmpdir(), 'fleetwire-kubectl-'));
  mkdirSync(join(folder, 'home'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, '');
  const base = {
    HOME: join(folder, 'home'),
    KUBECONFIG: kubeconfig,
    PATH: process.env['PATH'] ?? '',
    // A short run needs no garbage collector and no second thread: a fifth less work for dozens of processes.
    GOGC: 'off',
    GOMAXPROCS: '1',
  };
  const streams = new Set<Stream>();

  const attempt: Runner['attempt'] = (args, { input, env } = {}) =>
    new Promise((resolve, reject) => {
      const options = { env: { ...base, ...env }, maxBuffer: 64 * 1024 * 1024, timeout: 60_000 };
      const child = execFile(kubectl.path, ['--server', url, ...split(args)], options, (error, stdout, stderr) => {
        const code = error?.code ?? 0;
        if (typeof code === 'number' && error?.killed !== true) resolve({ stdout, stderr, code });
        else reject(new Error(`kubectl ${args} did not end by itself: ${stderr}`, { cause: error }));
      });
      child.stdin?.end(input ?? '');
    });

  return {
    attempt,
    run: async (args, options) => {
      const output = await attempt(args, options);
      expect(output.code, `kubectl ${args}: ${output.stderr}`).toBe(0);
      return output.stdout;
    },
    stream: (args) => {
      const child = spawn(kubectl.path, ['--server', url, ...split(args)], {
        env: base,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const lines: string[] = [];
      let rest = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const stream = {
        lines,
        line: (pattern: RegExp) =>
          vi.waitFor(
            () => {
              const found = lines.find((line) => pattern.test(line));
              if (found === undefined) throw new Error(`no line matches ${pattern}: ${lines.join('\n')}\n${stderr}`);
              return found;
            },
            { interval: 20 },
          ),
        stop: () => {
          streams.delete(stream);
          child.kill('SIGKILL');
        },
      };
      streams.add(stream);
      return stream;
    },
    file: (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content, { mode: 0o755 });
      return path;
    },
    dispose: () => {
      for (const stream of streams) stream.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
