import type { ReactElement } from 'react';
import { Link } from '@tanstack/react-router';
import { detailTabs, type DetailTab } from '../plugins-search.ts';

/** Links between the parts of the page, so that each has an address. */
export function PluginTabs(props: { readonly folder: string; readonly active: DetailTab }): ReactElement {
  const { folder, active } = props;
  return (
    <nav className="fw-tabs" aria-label="Parts of this page">
      {(Object.keys(detailTabs) as DetailTab[]).map((tab) => (
        <Link
          key={tab}
          to="/plugins/$id"
          params={{ id: folder }}
          search={tab === 'about' ? {} : { tab }}
          replace
          aria-current={tab === active ? 'page' : undefined}
          activeProps={{ 'aria-current': tab === active ? 'page' : undefined }}
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
        >
          {detailTabs[tab]}
        </Link>
      ))}
    </nav>
  );
}
