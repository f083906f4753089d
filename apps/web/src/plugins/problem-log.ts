import type { PluginLoadError } from '@fleetwire/plugin-manager/browser';

/** Writes what goes wrong with a plugin to the console, for its authors: under its id, with the stack of what it threw. */
export function logProblem({ message, code, cause }: Pick<PluginLoadError, 'message' | 'code' | 'cause'>): void {
  warn(`Plugin ${message} (${code})`, cause);
}

/** Writes what a listener of a plugin threw. */
export function logListenerFailure(pluginId: string, thrown: unknown): void {
  warn(`Plugin ${pluginId}: a listener failed`, thrown);
}

function warn(text: string, cause: unknown): void {
  // As arguments, so that no text of a plugin is taken for a format.
  console.warn('%s', text, ...(cause === undefined ? [] : [cause]));
}
