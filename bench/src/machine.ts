import { availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';
import process from 'node:process';
import { isPinned } from './child-calls.ts';

/** What the figures were taken on. */
export interface Machine {
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  /** Whether server and subscribers were bound to a core each. */
  readonly isPinned: boolean;
  /** Mean number of runnable processes in the last minute before the run. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    platform: platform(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    isPinned,
    loadBefore: loadavg()[0] ?? 0,
  };
}
