import { describe, expect, it } from 'vitest';
import { CatchUpPlaces } from './catch-up-places.ts';

const signal = new AbortController().signal;

describe('places of private watches', () => {
  it('[G11] are waited for in turn, by so many at a time', async () => {
    const places = new CatchUpPlaces();
    const held = await Promise.all([1, 2, 3, 4].map(() => places.take('ada', 60_000, signal)));
    const given: number[] = [];
    const waiting = Array.from({ length: 32 }, (_, index) =>
      places.take('ada', 60_000, signal).then((undo) => {
        given.push(index);
        return undo;
      }),
    );
    expect(await places.take('ada', 60_000, signal)).toBeUndefined();
    expect(await places.take('bob', 60_000, signal)).toBeTypeOf('function');
    held[0]?.();
    held[0]?.();
    held[1]?.();
    await Promise.all(waiting.slice(0, 2));
    expect(given).toEqual([0, 1]);
  });

  it('[G11] are not kept for who is gone, or has waited for too long', async () => {
    const places = new CatchUpPlaces();
    const held = await Promise.all([1, 2, 3, 4].map(() => places.take('ada', 60_000, signal)));
    const gone = new AbortController();
    const first = places.take('ada', 60_000, gone.signal);
    expect(await places.take('ada', 5, signal)).toBeUndefined();
    gone.abort();
    expect(await first).toBeUndefined();
    expect(await places.take('ada', 60_000, gone.signal)).toBeUndefined();
    for (const undo of held) undo?.();
    const all = await Promise.all([1, 2, 3, 4].map(() => places.take('ada', 60_000, signal)));
    expect(all.every(Boolean)).toBe(true);
  });
});
