import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait, and what for. */
export interface UntilOptions {
  readonly what: string;
  /** Default 15 s. */
  readonly withinMs?: number | undefined;
  /** Said in the failure. */
  readonly but?: (() => unknown) | undefined;
}

/** Pause between two looks: short beside every duration that the suite measures. */
const lookMs = 5;

/** Waits until `condition` gives something true, and returns it. Rejects after `withinMs`. */
export async function until<T>(
  condition: () => T | Promise<T>,
  { what, withinMs = 15_000, but }: UntilOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const startedAt = performance.now();
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<T, undefined | null | false>;
    if (performance.now() - startedAt > withinMs) {
      const seen = but === undefined ? '' : `; got ${JSON.stringify(await but())}`;
      throw new Error(`expected ${what} within ${String(Math.round(withinMs))} ms${seen}`);
    }
    await delay(lookMs);
  }
}
