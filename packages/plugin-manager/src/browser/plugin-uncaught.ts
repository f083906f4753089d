import type { RuntimePlugin } from '../protocol/runtime.ts';

/**
 * The frames of a stack, whatever its type says, as a plugin sets it. V8 writes name and message before them, which may
 * name any script; Firefox and Safari write frames alone.
 */
function framesOf(thrown: unknown): string {
  try {
    const { stack } = (thrown ?? {}) as { readonly stack?: unknown };
    if (typeof stack !== 'string') return '';
    return (stack.match(/^\s+at .*/gm) ?? stack.match(/^.*@.*:\d+$/gm) ?? []).join('\n');
  } catch {
    return '';
  }
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
  const frames = framesOf(thrown) || `${script ?? ''}:`;
  const found = running.flatMap((listed) => {
    const scripts = listed.status === 'ready' ? [listed.entry, ...(listed.modules ?? [])] : [];
    return scripts.map(({ url }) => ({ id: listed.id, place: frames.indexOf(`${url}:`) }));
  });
  return found.filter(({ place }) => place >= 0).sort((a, b) => a.place - b.place)[0]?.id;
}
