import type { ReactElement } from 'react';
import { StateView } from '../../../ui/StateViews.tsx';
import { nothingFound } from './nothing-found.ts';

/** Stands where results would: why there are none, and what leads to some. */
export function NothingFound(props: {
  readonly q: string;
  readonly page: number;
  /** Names of the sources that did not answer. */
  readonly failed: readonly string[];
  readonly onClear: () => void;
  readonly onRetry: () => void;
}): ReactElement {
  const { onClear, onRetry } = props;
  const { kind, title, text, remedy } = nothingFound(props);
  const actions = { retry: { label: 'Try again', run: onRetry }, clear: { label: 'Show all', run: onClear } };
  return (
    <StateView kind={kind} title={title} action={remedy === undefined ? undefined : actions[remedy]}>
      {text}
    </StateView>
  );
}
