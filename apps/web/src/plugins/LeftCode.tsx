import type { ReactElement } from 'react';
import { usePluginLoader, usePlugins } from '@fleetwire/plugin-manager/react';
import { loadAnew } from './load-anew.ts';
import { leftIn } from './left-code.ts';

/** Names the plugins that were removed and whose code is still in this tab, with what takes it away. */
export function LeftCode(): ReactElement | null {
  const plugins = usePlugins();
  const titles = leftIn(usePluginLoader()?.evaluated, plugins);
  if (titles.length === 0) return null;
  return (
    <div className="fw-notice" data-tone="busy" role="status" data-testid="left-code">
      <span className="fw-anywhere">
        {titles.map((title) => `“${title}”`).join(', ')} {titles.length === 1 ? 'is' : 'are'} not listed any more. What
        code of {titles.length === 1 ? 'it' : 'them'} has run stays in this tab until it is loaded anew.
      </span>
      <button
        type="button"
        className="fw-button"
        onClick={() => {
          loadAnew();
        }}
      >
        Load the page anew
      </button>
    </div>
  );
}
