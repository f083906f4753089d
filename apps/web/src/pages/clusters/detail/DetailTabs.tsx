import { useEffect, useRef, type ReactElement } from 'react';
import { Link } from '@tanstack/react-router';

/** Tabs of the page of an object, by what stands in its address. */
export const detailTabs = {
  overview: 'Overview',
  yaml: 'YAML',
  events: 'Events',
  related: 'Related',
  logs: 'Logs',
  terminal: 'Terminal',
} as const;

/** One of {@link detailTabs}. */
export type DetailTab = keyof typeof detailTabs;

/** The tab that an address names; the first one where it names none. */
export function detailTabOf(text: string | undefined): DetailTab {
  return text !== undefined && Object.hasOwn(detailTabs, text) ? (text as DetailTab) : 'overview';
}

/** Links between the parts of the page, so that each has an address and the browser's Back works. */
export function DetailTabs({
  tabs,
  active,
}: {
  readonly tabs: readonly DetailTab[];
  readonly active: DetailTab;
}): ReactElement {
  const nav = useRef<HTMLElement>(null);
  // On a phone there is no room for all of them: the one that is shown is in sight.
  useEffect(() => {
    const tab = nav.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (nav.current === null || tab === null || tab === undefined) return;
    nav.current.scrollLeft = tab.offsetLeft - (nav.current.clientWidth - tab.offsetWidth) / 2;
  }, [active, tabs.length]);
  return (
    <nav className="fw-tabs" aria-label="Parts of this page" ref={nav}>
      {tabs.map((tab) => (
        <Link
          key={tab}
          from="/clusters/$cluster/$resource/$namespace/$name"
          to="."
          search={{ tab: tab === 'overview' ? undefined : tab }}
          replace
          // An address may name the first tab, too.
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
