/** Random numbers that a failure can name: the same seed draws the same cuts. */
export interface SeededRandom {
  readonly seed: number;
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** Mulberry32: 32 bits of state, more than enough for a few hundred draws. */
export function createRandom(seed = Math.floor(Math.random() * 2 ** 32)): SeededRandom {
  let state = seed;
  const random: SeededRandom = {
    seed,
    next() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    between: (min, max) => min + Math.floor(random.next() * (max - min + 1)),
    pick: (choices) => choices[random.between(0, choices.length - 1)] as (typeof choices)[number],
  };
  return random;
}
