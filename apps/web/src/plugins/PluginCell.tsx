import type { ReactElement } from 'react';
import { messageOf, type Registered } from '@fleetwire/plugin-manager/browser';
import { ContributionView, type ContributionFailure } from '@fleetwire/plugin-manager/react';

/** A cell of a plugin's column, kept to itself; empty until the plugin's code has run. */
export function PluginCell(props: {
  readonly contribution: Registered<'listColumn'>;
  readonly object: unknown;
  readonly cluster: string;
}): ReactElement | null {
  const { contribution, object, cluster } = props;
  if (contribution.isDeclared) return null;
  return <ContributionView contribution={contribution} componentProps={{ object, cluster }} fallback={failed} />;
}

function failed({ contribution, error, retry }: ContributionFailure): ReactElement {
  return (
    <button
      type="button"
      className="fw-plugin-cell-failed"
      title={`The plugin ${contribution.pluginId} failed here: ${messageOf(error)}. Try again.`}
      onClick={({ currentTarget }) => {
        // The button goes, and the focus would go with it.
        currentTarget.closest<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
        retry();
      }}
    >
      Failed
    </button>
  );
}
