/** The globals that matter; none of them has to exist, as in Node. */
export interface WakeHost {
  addEventListener?: EventTarget['addEventListener'] | undefined;
  removeEventListener?: EventTarget['removeEventListener'] | undefined;
  readonly document?: (EventTarget & { readonly visibilityState?: string }) | undefined;
}

/**
 * Calls `onWake` when the network came back, the page came out of the back-forward cache, or is shown again: what waits
 * for its next attempt then need not wait longer. Returns its undo.
 */
export function watchPageWake(onWake: () => void, host: WakeHost = globalThis): () => void {
  const onVisibility = (): void => {
    if (host.document?.visibilityState === 'visible') onWake();
  };
  const wake = (): void => {
    onWake();
  };
  for (const type of ['online', 'pageshow']) host.addEventListener?.(type, wake);
  host.document?.addEventListener('visibilitychange', onVisibility);
  return () => {
    for (const type of ['online', 'pageshow']) host.removeEventListener?.(type, wake);
    host.document?.removeEventListener('visibilitychange', onVisibility);
  };
}
