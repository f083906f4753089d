import { execFileSync } from 'node:child_process';

/** Makes a FIFO, which Node has no call for. */
export function makeFifo(path: string): void {
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', path]);
}
