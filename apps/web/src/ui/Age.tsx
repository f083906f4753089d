import { useCallback, useSyncExternalStore, type ReactElement } from 'react';
import { formatAge } from './format.ts';
import { getNow, subscribeToNow } from './use-now.ts';

/** How old something is, running; renders again only when its text changes. */
export function Age({ at }: { readonly at: number | undefined }): ReactElement | null {
  const getText = useCallback(() => (at === undefined ? '' : formatAge(getNow() - at)), [at]);
  const text = useSyncExternalStore(subscribeToNow, getText);
  if (at === undefined) return null;
  return <time dateTime={new Date(at).toISOString()}>{text}</time>;
}
