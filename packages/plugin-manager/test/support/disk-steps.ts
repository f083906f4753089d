import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** One call that is about to change the disk. */
export interface DiskStep {
  /** Of `node:fs/promises`, of a file handle, or of what `node:fs` calls back from. */
  readonly name: string;
  /** Empty for a step of a file that is open. */
  readonly path: string;
}

type Hook = (step: DiskStep) => void;
type Call = (...args: unknown[]) => Promise<unknown>;

/** What changes the disk. `open` does where it may create a file. */
const calls = ['open', 'mkdir', 'writeFile', 'appendFile', 'rename', 'rm', 'rmdir', 'unlink', 'chmod'] as const;
const handleCalls = ['write', 'writeFile', 'truncate', 'sync', 'chmod'] as const;
const callbackCalls = ['open', 'write', 'fsync', 'fchmod'] as const;

let hook: Hook = () => undefined;

/** From now on the hook is asked before each step; what it throws is what the step rejects with. */
export function beforeEachDiskStep(next: Hook): void {
  hook = next;
}

/** An error of the system. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

function isReading(name: string, [, flags = 'r']: readonly unknown[]): boolean {
  return name === 'open' && (flags === 'r' || (typeof flags === 'number' && (flags & 3) === fs.constants.O_RDONLY));
}

let isHandleWrapped = false;

/** The class of file handles is nowhere to be had but of one that is open. */
function wrapHandle(handle: unknown): void {
  if (isHandleWrapped) return;
  isHandleWrapped = true;
  const prototype = Object.getPrototypeOf(handle) as Record<string, Call>;
  for (const name of handleCalls) wrap(prototype, name, true);
}

function wrap(target: Record<string, Call>, name: string, isOfHandle = false): void {
  const original = target[name];
  if (original === undefined) throw new Error(`expected ${name} to be there`);
  target[name] = async function (this: unknown, ...args: unknown[]) {
    if (!isReading(name, args)) hook({ name, path: isOfHandle ? '' : String(args[0]) });
    const result = await original.apply(this, args);
    if (name === 'open') wrapHandle(result);
    return result;
  };
}

/** Of `node:fs`: the last argument is told of what failed. */
function wrapCallback(name: (typeof callbackCalls)[number]): void {
  const original = fs[name] as (...args: unknown[]) => void;
  const wrapped = (...args: unknown[]): void => {
    try {
      if (!isReading(name, args)) hook({ name, path: name === 'open' ? String(args[0]) : '' });
    } catch (error) {
      setImmediate(args.at(-1) as (reason: unknown) => void, error);
      return;
    }
    original(...args);
  };
  // With what `promisify` knows of it.
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  Object.assign(fs, { [name]: wrapped });
}

for (const name of callbackCalls) wrapCallback(name);
// At once: whoever imports `node:fs/promises` after this module has the wrapped calls, by name too.
for (const name of calls) wrap(fs.promises as unknown as Record<string, Call>, name);
syncBuiltinESMExports();
