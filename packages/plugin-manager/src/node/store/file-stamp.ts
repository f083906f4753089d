import type { BigIntStats } from 'node:fs';

/**
 * Two stamps that are equal are taken for the same file with the same content. The kernel sets `ctime` at each write, but
 * no finer than its clock ticks (some ms): a second write of the same length within the tick of the first is missed, as is
 * what is written past the file system, or by somebody who turns the clock back. `verify` hashes all the same.
 */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
