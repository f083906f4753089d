import type { ReactElement } from 'react';
import { StateView } from '../../../ui/StateViews.tsx';
import { ContributionTable } from '../ContributionTable.tsx';
import type { PluginContribution } from '../plugin-contributions.ts';

/** What the plugin adds to this tab. */
export function AddsTab(props: {
  readonly contributions: readonly PluginContribution[];
  readonly isInstalled: boolean;
}): ReactElement {
  const { contributions, isInstalled } = props;
  return (
    <div className="fw-card fw-flush">
      {contributions.length === 0 ? (
        <StateView kind="empty" title="It adds nothing to this tab">
          {isInstalled ? 'A plugin adds something while it is enabled and loaded.' : 'It is not installed.'}
        </StateView>
      ) : (
        <ContributionTable contributions={contributions} />
      )}
    </div>
  );
}
