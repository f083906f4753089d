import type { RuntimePlugin } from '../protocol/runtime.ts';

/** The text of a stack; whatever its type says, a plugin sets it. */
function stackOf(thrown: unknown): string {
  try {
    const { stack } = (thrown ?? {}) as { readonly stack?: unknown };
    return typeof stack === 'string' ? stack : '';
  } catch {
    return '';
  }
}

/** Where a script stands first in a stack, as `<url>:<line>`; -1 where it does not. */
function placeOf(listed: RuntimePlugin, stack: string): number {
  if (listed.status !== 'ready') return -1;
  const places = [listed.entry, ...(listed.modules ?? [])].map(({ url }) => stack.indexOf(`${url}:`));
  return Math.min(...places.filter((place) => place >= 0), Infinity);
}

/**
 * The plugin, of those that run, whose script threw what nobody caught: the first in the stack, as those before are what
 * it called. `script`: the address of the script, for what has no stack.
 */
export function throwerOf(
  running: readonly RuntimePlugin[],
  thrown: unknown,
  script: string | undefined,
): string | undefined {
  const stack = stackOf(thrown) || `${script ?? ''}:`;
  const places = running.map((listed) => ({ id: listed.id, place: placeOf(listed, stack) }));
  const [first] = places.filter(({ place }) => Number.isFinite(place) && place >= 0).sort((a, b) => a.place - b.place);
  return first?.id;
}
