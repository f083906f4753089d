import type { ReactElement } from 'react';
import type { KubeObjectResult } from '@fleetwire/kube-watch/react';
import { formatAgo } from '../../../ui/format.ts';
import { useNow } from '../../../ui/use-now.ts';

/** A mark beside the title when what is shown is not live; nothing while it is. */
export function WatchNotice({
  view,
}: {
  readonly view: Pick<KubeObjectResult, 'watchStatus' | 'isStale' | 'lastSyncAt'>;
}): ReactElement | null {
  const now = useNow();
  const { watchStatus, isStale, lastSyncAt } = view;
  const text = isStale
    ? `${watchStatus === 'stopped' ? 'Not live' : 'Reconnecting'}, state from ${lastSyncAt === undefined ? 'before' : formatAgo(now - lastSyncAt)}`
    : watchStatus === 'polling'
      ? 'Polling, a few seconds old'
      : undefined;
  if (text === undefined) return null;
  return (
    <span className="fw-notice fw-mark fw-numbers" data-tone="busy" data-testid="notice">
      <span className="fw-dot" aria-hidden="true" />
      <span>{text}</span>
    </span>
  );
}
