import type { ReactElement } from 'react';
import type { Registered } from '@fleetwire/plugin-manager/browser';
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
  const why = error instanceof Error ? `: ${error.message}` : '';
  return (
    <button
      type="button"
      className="fw-plugin-cell-failed"
      tabIndex={-1}
      title={`The plugin ${contribution.pluginId} failed here${why}. Try again.`}
      onClick={(event) => {
        // A click on a row opens it.
        event.stopPropagation();
        retry();
      }}
    >
      Failed
    </button>
  );
}
