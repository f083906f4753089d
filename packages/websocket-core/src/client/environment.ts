/** What a client wants to know of the page or worker that it runs in. */
export interface EnvironmentEvents {
  /** The network came back, or the page is shown again. */
  onWake(): void;
  /** The runtime says that the network is gone; not to be relied on, so only a reason to look. */
  onOffline(): void;
}

interface PageDocument extends EventTarget {
  readonly visibilityState?: string;
}

/** The globals that matter; none of them has to exist, as in Node. */
export interface EnvironmentHost {
  addEventListener?: EventTarget['addEventListener'] | undefined;
  removeEventListener?: EventTarget['removeEventListener'] | undefined;
  readonly document?: PageDocument | undefined;
}

/**
 * Listens for `online`, `offline`, `pageshow` (a page out of the back-forward cache) and `visibilitychange`. In workers
 * there is no document, in Node none of it: then this does nothing. Returns its undo.
 */
export function watchEnvironment(events: EnvironmentEvents, host: EnvironmentHost = globalThis): () => void {
  const undos: (() => void)[] = [];
  const listen = (target: EnvironmentHost | PageDocument | undefined, type: string, listener: () => void): void => {
    if (typeof target?.addEventListener !== 'function' || typeof target.removeEventListener !== 'function') return;
    target.addEventListener(type, listener);
    undos.push(() => {
      target.removeEventListener?.(type, listener);
    });
  };
  const wake = (): void => {
    events.onWake();
  };
  listen(host, 'online', wake);
  listen(host, 'pageshow', wake);
  listen(host, 'offline', () => {
    events.onOffline();
  });
  listen(host.document, 'visibilitychange', () => {
    if (host.document?.visibilityState === 'visible') events.onWake();
  });
  return () => {
    for (const undo of undos.splice(0)) undo();
  };
}
