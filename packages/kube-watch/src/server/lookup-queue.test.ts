import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { expect, it, vi } from 'vitest';
import { createLookupQueue } from './lookup-queue.ts';

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** A resolver that answers when it is told to. */
function startResolver() {
  const asked = new Map<string, Answer>();
  const names: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    expect(options).toEqual({ all: true });
    names.push(hostname);
    asked.set(hostname, callback);
  };
  const answer = (hostname: string, ...result: Parameters<Answer>): void => {
    const pending = asked.get(hostname);
    asked.delete(hostname);
    pending?.(...result);
  };
  return { queue: createLookupQueue(lookup), names, answer };
}

const address = (text: string): LookupAddress => ({ address: text, family: 4 });

it('[O8] looks up two names at a time, and each once for all who wait for it', () => {
  const { queue, names, answer } = startResolver();
  const heard = vi.fn();
  const ask = (name: string, who: string): void => {
    queue(name, { family: 6 }, (error, addresses) => {
      heard(who, error?.code, addresses);
    });
  };
  for (const who of ['1', '2', '3']) ask('slow.example', who);
  ask('slower.example', '4');
  ask('third.example', '5');
  ask('third.example', '6');
  expect(names).toEqual(['slow.example', 'slower.example']);
  answer('slow.example', null, [address('192.0.2.1')]);
  expect(heard.mock.calls).toEqual(['1', '2', '3'].map((who) => [who, undefined, [address('192.0.2.1')]]));
  expect(names).toEqual(['slow.example', 'slower.example', 'third.example']);
  answer('third.example', Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), undefined as never);
  expect(heard.mock.calls.slice(3)).toEqual([
    ['5', 'ENOTFOUND', []],
    ['6', 'ENOTFOUND', []],
  ]);
  // Nothing is remembered.
  ask('slow.example', '7');
  expect(names).toHaveLength(4);
});

it('[O8] lets 200 names wait, and fails the next at once', () => {
  const { queue, names, answer } = startResolver();
  const heard = vi.fn();
  for (let index = 0; index < 203; index += 1) queue(`n${String(index)}.example`, {}, heard);
  expect(heard.mock.calls).toEqual([[expect.objectContaining({ code: 'UNAVAILABLE' }), []]]);
  for (let index = 0; index < 202; index += 1) answer(`n${String(index)}.example`, null, []);
  expect(names).toHaveLength(202);
  expect(heard).toHaveBeenCalledTimes(203);
});
