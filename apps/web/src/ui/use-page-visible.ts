import { useSyncExternalStore } from 'react';

/** Whether the page is in sight: not in a tab behind another, and not in a window that is put away. */
export function usePageVisible(): boolean {
  return useSyncExternalStore(subscribe, isVisible);
}

function subscribe(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => {
    document.removeEventListener('visibilitychange', listener);
  };
}

function isVisible(): boolean {
  return document.visibilityState === 'visible';
}
