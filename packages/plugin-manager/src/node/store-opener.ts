import { disposedError } from './call-tracker.ts';
import type { PluginStore } from './store/plugin-store.ts';

/** A store that is opened when it is asked for. */
export interface StoreOpener {
  /** The store; after a failure it is opened anew. Rejects with what is wrong with it, and E_CANCELLED after the end. */
  open(): Promise<PluginStore>;
  /** Leaves the store, if there is one. */
  dispose(): Promise<void>;
}

/** Makes it; `open` opens the store, `onOpened` is told of each that was opened. */
export function createStoreOpener(openStore: () => Promise<PluginStore>, onOpened: () => void): StoreOpener {
  let opening: Promise<PluginStore> | undefined;
  let isDisposed = false;

  async function begin(): Promise<PluginStore> {
    const store = await openStore();
    onOpened();
    return store;
  }

  return {
    open() {
      if (opening !== undefined) return opening;
      if (isDisposed) return Promise.reject(disposedError());
      const begun = begin();
      opening = begun;
      // A lock that was held or descriptors that were used up may be free at the next call.
      begun.catch(() => {
        if (opening === begun) opening = undefined;
      });
      return begun;
    },
    async dispose() {
      isDisposed = true;
      const store = await opening?.catch(() => undefined);
      await store?.dispose();
    },
  };
}
