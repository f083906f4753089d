import type { RuntimePlugin } from '../protocol/runtime.ts';

/** More than the frames that browsers write. */
const maxStackLength = 20_000;

/**
 * The frames of a stack, whatever its type says, as a plugin sets it. V8 writes name and message before them, which may
 * name any script; Firefox and Safari write frames alone.
 */
function framesOf(thrown: unknown): string {
  try {
    const { stack, message } = (thrown ?? {}) as { readonly stack?: unknown; readonly message?: unknown };
    if (typeof stack !== 'string') return '';
    const text = typeof message === 'string' ? message : '';
    // The name may be another one by now.
    const at = stack.startsWith(text) ? 0 : stack.indexOf(': ') + 2;
    const frames = stack.slice(stack.startsWith(text, at) ? at + text.length : 0).slice(0, maxStackLength);
    return (frames.match(/^[ \t]+at .*/gm) ?? frames.match(/^[^@\n]*@.*:\d+$/gm) ?? []).join('\n');
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
