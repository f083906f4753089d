import type { ReactElement } from 'react';
import { StateView } from '../../../ui/StateViews.tsx';

/** Stands where results would: why there are none, and what leads to some. */
export function NothingFound(props: {
  readonly q: string;
  readonly page: number;
  readonly hasFailed: boolean;
  readonly onClear: () => void;
  readonly onRetry: () => void;
}): ReactElement {
  const { q, page, hasFailed, onClear, onRetry } = props;
  if (hasFailed && q === '') {
    return (
      <StateView kind="error" title="No source has answered" action={{ label: 'Try again', run: onRetry }}>
        What failed stands above.
      </StateView>
    );
  }
  const isAll = q === '' && page === 1;
  return (
    <StateView
      kind="empty"
      title={
        isAll ? 'The catalog is empty' : page > 1 ? `There is no page ${String(page)}` : `Nothing is called “${q}”`
      }
      action={isAll ? undefined : { label: 'Show all', run: onClear }}
    >
      {isAll ? 'The sources of this server offer no plugin. Whoever runs it chooses the sources.' : undefined}
    </StateView>
  );
}
