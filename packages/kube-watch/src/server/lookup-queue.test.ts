import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it } from 'vitest';
import { createLookupQueue } from './lookup-queue.ts';

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** A resolver that answers when it is told to, and what was heard of it, as `who: address or code`. */
function startResolver() {
  const clock = createManualClock();
  const pending = new Map<string, Answer>();
  const names: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    expect(options).toEqual({ all: true });
    names.push(hostname);
    pending.set(hostname, callback);
  };
  const queue = createLookupQueue(lookup, clock);
  const heard: string[] = [];
  const ask = (owner: string, name: string, who = owner): void => {
    queue(owner)(name, { family: 6 }, (error, addresses) => {
      const [first] = addresses as LookupAddress[];
      heard.push(`${who}: ${error?.code ?? first?.address ?? 'nothing'}`);
    });
  };
  const answer = (hostname: string, ...result: Parameters<Answer>): void => {
    const callback = pending.get(hostname);
    pending.delete(hostname);
    callback?.(...result);
  };
  const found = (hostname: string): void => {
    answer(hostname, null, [{ address: '192.0.2.1', family: 4 }]);
  };
  return { clock, ask, answer, found, heard, names };
}

it('[O8] looks up one name of an owner at a time, and each once for all of theirs who wait for it', () => {
  const { ask, answer, found, heard, names } = startResolver();
  for (const who of ['1', '2', '3']) ask('ada', 'slow.example', who);
  ask('ada', 'third.example', '4');
  expect(names).toEqual(['slow.example']);
  found('slow.example');
  expect(heard).toEqual(['1: 192.0.2.1', '2: 192.0.2.1', '3: 192.0.2.1']);
  expect(names).toEqual(['slow.example', 'third.example']);
  answer('third.example', Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), undefined as never);
  expect(heard.slice(3)).toEqual(['4: ENOTFOUND']);
  // Nothing is remembered.
  ask('ada', 'slow.example', '5');
  expect(names).toHaveLength(3);
});

it('[O8] owners take turns, whoever asks for how many names, two names at a time', () => {
  const { ask, found, names } = startResolver();
  for (let index = 0; index < 20; index += 1) ask('ada', `ada-${String(index)}.example`);
  ask('ben', 'ben-0.example');
  ask('ben', 'ben-1.example');
  ask('cleo', 'cleo.example');
  expect(names).toEqual(['ada-0.example', 'ben-0.example']);
  found('ada-0.example');
  expect(names.slice(2)).toEqual(['cleo.example']);
  found('cleo.example');
  found('ben-0.example');
  expect(names.slice(3)).toEqual(['ada-1.example', 'ben-1.example']);
});

it('[O8] who waits for 5 s is told so, keeps the place of nobody, and hears of a late answer when asking again', () => {
  const { clock, ask, found, heard, names } = startResolver();
  ask('ada', 'silent.example');
  ask('ada', 'other.example', 'ada, other');
  clock.advance(4_999);
  expect(heard).toEqual([]);
  clock.advance(1);
  expect(heard).toEqual(['ada: UNAVAILABLE', 'ada, other: UNAVAILABLE']);
  ask('ada', 'silent.example', 'again');
  clock.advance(4_000);
  found('silent.example');
  expect(heard.slice(2)).toEqual(['again: 192.0.2.1']);
  expect([names, clock.pending]).toEqual([['silent.example'], 0]);
});

it('[O8] an owner whose name was silent for too long leaves the place to others for three times as long', () => {
  const { clock, ask, found, heard, names } = startResolver();
  for (const owner of ['ada', 'mallory']) ask(owner, `${owner}.silent.example`);
  ask('ben', 'ben.example');
  clock.advance(8_000);
  expect(heard).toEqual(['ada: UNAVAILABLE', 'mallory: UNAVAILABLE', 'ben: UNAVAILABLE']);
  ask('mallory', 'more.silent.example');
  ask('ben', 'ben.example');
  found('mallory.silent.example');
  expect(names.slice(2)).toEqual(['ben.example']);
  found('ben.example');
  expect(heard.slice(3)).toEqual(['ben: 192.0.2.1']);
  clock.advance(23_999);
  ask('mallory', 'more.silent.example');
  expect(names).toHaveLength(3);
  clock.advance(1);
  ask('mallory', 'more.silent.example');
  expect(names.slice(3)).toEqual(['more.silent.example']);
});

it('[O8] lets 50 names of an owner wait and 1,000 of all, and fails the next at once', () => {
  const { ask, heard } = startResolver();
  for (let index = 0; index < 52; index += 1) ask('ada', `n${String(index)}.example`);
  expect(heard).toEqual(['ada: UNAVAILABLE']);
  for (let owner = 0; owner < 19; owner += 1) {
    for (let index = 0; index < 50; index += 1) ask(`o${String(owner)}`, `n${String(index)}.example`);
  }
  const before = heard.length;
  for (let index = 0; index < 50; index += 1) ask('ben', `n${String(index)}.example`);
  expect([before, heard.length > before]).toEqual([1, true]);
});
