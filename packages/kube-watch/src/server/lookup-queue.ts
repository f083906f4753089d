import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { FleetwireError } from '@fleetwire/websocket-core';

/**
 * The system's resolver holds one of the four threads of the process (libuv) until the servers of a name answer, which a
 * user's may never do; files and the names of others need threads too.
 */
const maxUnderWay = 2;
/** Names beyond that fail at once: a dial does not wait that long. */
const maxWaiting = 200;

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/**
 * A `lookup` that asks for all addresses of a name, for a few names at a time, and for one name once however many wait
 * for it. Fails with UNAVAILABLE when too many names wait.
 */
export function createLookupQueue(lookup: LookupFunction): LookupFunction {
  const asking = new Map<string, Answer[]>();
  const waiting: string[] = [];
  let underWay = 0;

  function next(): void {
    const hostname = underWay < maxUnderWay ? waiting.shift() : undefined;
    if (hostname === undefined) return;
    underWay += 1;
    lookup(hostname, { all: true }, (error, found) => {
      underWay -= 1;
      const answers = asking.get(hostname) ?? [];
      asking.delete(hostname);
      next();
      const addresses = error === null && Array.isArray(found) ? found : [];
      for (const answer of answers) answer(error, addresses);
    });
  }

  return (hostname, _options, callback) => {
    const answer: Answer = callback;
    const others = asking.get(hostname);
    if (others !== undefined) {
      others.push(answer);
      return;
    }
    if (waiting.length >= maxWaiting) {
      answer(new FleetwireError('UNAVAILABLE', 'too many host names are looked up'), []);
      return;
    }
    asking.set(hostname, [answer]);
    waiting.push(hostname);
    next();
  };
}
