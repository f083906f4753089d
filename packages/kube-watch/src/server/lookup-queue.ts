import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { FleetwireError, systemClock, type Clock, type TimerHandle } from '@fleetwire/websocket-core';

/**
 * The system's resolver holds one of the four threads of the process until the servers of a name answer, which a user's
 * may never do; files and the names of others need threads too. More than two would not run at once: libuv
 * (`threadpool.c`) gives lookups half of the threads.
 */
const maxUnderWay = 2;

/** Whoever dials waits for 10 s in all. */
const limitMs = 5_000;

/** An owner whose lookup was silent for longer leaves the place to others for so many times as long. */
const pausePerHeld = 3;

/** Names that wait; those beyond that fail at once. */
const maxWaiting = { ofOwner: 50, ofAll: 1_000 };

interface Waiter {
  readonly answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
  readonly timer: TimerHandle;
}

interface Owner {
  /** Whom to tell, by host name, in the order in which they were asked for. */
  readonly asked: Map<string, Set<Waiter>>;
  /** The name that is being looked up. */
  underWay: string | undefined;
  /** By the monotonic clock. */
  pausedUntilMs: number;
}

/**
 * Gives each owner a `lookup` that asks for all addresses of a name. Owners take turns, with one name at a time; whoever
 * waits for longer than 5 s, and whoever comes when too many names wait, hears UNAVAILABLE. A lookup cannot be called
 * back: it keeps its place until the resolver gives up, and then its owner pauses.
 */
export function createLookupQueue(
  lookup: LookupFunction,
  clock: Clock = systemClock,
): (ownerKey: string) => LookupFunction {
  /** The next to have a turn is first. */
  const owners = new Map<string, Owner>();
  let underWay = 0;

  const waitingOf = (owner: Owner): number => owner.asked.size - (owner.underWay === undefined ? 0 : 1);

  function next(): void {
    const nowMs = clock.monotonicNow();
    for (const [key, owner] of [...owners]) {
      if (owner.underWay !== undefined || owner.pausedUntilMs > nowMs) continue;
      const [hostname] = owner.asked.keys();
      if (hostname === undefined) owners.delete(key);
      else if (underWay < maxUnderWay) start(key, owner, hostname, nowMs);
    }
  }

  function start(key: string, owner: Owner, hostname: string, startedAtMs: number): void {
    underWay += 1;
    owner.underWay = hostname;
    lookup(hostname, { all: true }, (error, found) => {
      underWay -= 1;
      owner.underWay = undefined;
      const nowMs = clock.monotonicNow();
      const heldMs = nowMs - startedAtMs;
      if (heldMs > limitMs) owner.pausedUntilMs = nowMs + pausePerHeld * heldMs;
      const waiters = owner.asked.get(hostname) ?? [];
      owner.asked.delete(hostname);
      owners.delete(key);
      owners.set(key, owner);
      next();
      const addresses = error === null && Array.isArray(found) ? found : [];
      for (const { answer, timer } of waiters) {
        clock.clearTimeout(timer);
        answer(error, addresses);
      }
    });
  }

  return (ownerKey) => (hostname, _options, callback) => {
    const answer: Waiter['answer'] = callback;
    const owner = owners.get(ownerKey) ?? {
      asked: new Map<string, Set<Waiter>>(),
      underWay: undefined,
      pausedUntilMs: 0,
    };
    let waiters = owner.asked.get(hostname);
    if (waiters === undefined) {
      const ofAll = [...owners.values()].reduce((sum, one) => sum + waitingOf(one), 0);
      if (waitingOf(owner) >= maxWaiting.ofOwner || ofAll >= maxWaiting.ofAll) {
        answer(new FleetwireError('UNAVAILABLE', 'too many host names are looked up'), []);
        return;
      }
      waiters = new Set();
      owner.asked.set(hostname, waiters);
      owners.set(ownerKey, owner);
    }
    const others = waiters;
    const waiter: Waiter = {
      answer,
      timer: clock.setTimeout(() => {
        others.delete(waiter);
        // What is under way may still answer those who ask again meanwhile.
        if (others.size === 0 && owner.underWay !== hostname) owner.asked.delete(hostname);
        answer(new FleetwireError('UNAVAILABLE', 'its host name was not looked up in time'), []);
      }, limitMs),
    };
    others.add(waiter);
    next();
  };
}
