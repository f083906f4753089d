import type { PluginStore } from '@fleetwire/plugin-manager/sdk';

/**
 * A store of the page as one run of a plugin gets it: it can be read and listened to, and no more. What a listener throws
 * goes to `onThrown`, and all listeners are gone with `signal`.
 */
export function createRunStore<T>(
  store: PluginStore<T>,
  signal: AbortSignal,
  onThrown: (thrown: unknown) => void,
): PluginStore<T> {
  return {
    getSnapshot: () => store.getSnapshot(),
    subscribe(listener) {
      if (signal.aborted) return () => undefined;
      const undo = store.subscribe(() => {
        try {
          listener();
        } catch (thrown) {
          onThrown(thrown);
        }
      });
      signal.addEventListener('abort', undo, { once: true });
      return () => {
        signal.removeEventListener('abort', undo);
        undo();
      };
    },
  };
}
