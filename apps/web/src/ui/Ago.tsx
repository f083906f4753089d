import { useCallback, useSyncExternalStore, type ReactElement } from 'react';
import { formatAgo } from './format.ts';
import { getNow, subscribeToNow } from './use-now.ts';

/** How long ago something was (milliseconds since 1970), with the time itself when one points at it. */
export function Ago({ at }: { readonly at: number }): ReactElement {
  const getText = useCallback(() => formatAgo(getNow() - at), [at]);
  const text = useSyncExternalStore(subscribeToNow, getText);
  if (Number.isNaN(at)) return <>–</>;
  return (
    <time className="fw-numbers" dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
      {text}
    </time>
  );
}
