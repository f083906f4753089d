import { useMemo, useRef, type ReactElement, type ReactNode } from 'react';
import { Text, TextInput, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { UseQueryResult } from '@tanstack/react-query';
import type { PluginList } from '@fleetwire/plugin-manager';
import { useShortcuts } from '../../../frame/shortcuts/use-shortcuts.ts';
import { Icon } from '../../../ui/icons.tsx';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { isStateCorrupt } from '../api/plugins-api.ts';
import { ContributionTable } from '../ContributionTable.tsx';
import { byPlugin } from '../plugin-contributions.ts';
import { changeSearch } from '../plugins-search.ts';
import { useTabContributions, useTabPlugins } from '../use-tab-plugins.ts';
import { filterPlugins, sortPlugins } from './plugin-list.ts';
import { PluginRow } from './PluginRow.tsx';
import { UnlistedPlugins } from './UnlistedPlugins.tsx';

const route = getRouteApi('/frame/plugins');

/** From how many plugins on there is a filter. */
const minFiltered = 6;

/** What is installed, how each plugin does, and what each adds. */
export function InstalledTab(props: {
  readonly installed: UseQueryResult<PluginList>;
  readonly isStale: boolean;
  /** By their ids: what each can be updated to. */
  readonly newVersions: ReadonlyMap<string, string>;
  readonly nameOf: (pluginId: string) => string;
  readonly mayManage: boolean;
}): ReactElement {
  const { installed, isStale, newVersions, nameOf, mayManage } = props;
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const views = useTabPlugins();
  const contributions = useTabContributions();
  const grouped = useMemo(() => byPlugin(contributions), [contributions]);
  const { data: list, error } = installed;
  const filterRef = useRef<HTMLInputElement>(null);
  useShortcuts({ '/': () => filterRef.current?.focus() });
  const setFilter = (text: string): void => {
    void navigate({ search: (search) => changeSearch(search, { q: text }), replace: true });
  };

  // Of a store that lost its state, what was listed before is of no use any more.
  if (list === undefined || isStateCorrupt(error)) {
    return (
      <div className="fw-card fw-flush">
        {error === null ? (
          <LoadingRows rows={4} label="Loading the plugins" />
        ) : (
          <UnlistedPlugins error={error} mayManage={mayManage} onRetry={() => void installed.refetch()} />
        )}
      </div>
    );
  }
  if (list.items.length === 0) {
    const openCatalog = (): void => void navigate({ search: { tab: 'catalog' } });
    return (
      <div className="fw-card fw-flush">
        <StateView
          kind="empty"
          icon="plugin"
          title="No plugin is installed"
          action={mayManage ? { label: 'Look into the catalog', run: openCatalog } : undefined}
        >
          Plugins add pages, columns, actions and themes to the dashboards of everybody on this server.
        </StateView>
      </div>
    );
  }
  const shown = filterPlugins(sortPlugins(list.items), q);
  const ids = new Set(shown.flatMap((item) => (item.managed ? [item.id] : [])));
  const added = contributions.filter(({ pluginId }) => ids.has(pluginId));
  return (
    <>
      {list.items.length < minFiltered && q === '' ? null : (
        <TextInput
          ref={filterRef}
          aria-label="Filter plugins"
          placeholder="Filter by name, source, author or state"
          type="search"
          maw={360}
          leftSection={<Icon name="search" size={16} />}
          value={q}
          onChange={(event) => {
            setFilter(event.currentTarget.value);
          }}
        />
      )}
      <div className="fw-card fw-flush" data-stale={isStale}>
        {shown.length === 0 ? (
          <StateView
            kind="empty"
            title={`No plugin fits “${q}”`}
            action={{
              label: `Show all ${String(list.items.length)}`,
              run: () => {
                setFilter('');
              },
            }}
          />
        ) : (
          <ul className="fw-plugins" aria-label="Installed plugins">
            {shown.map((item) =>
              item.managed ? (
                <PluginRow
                  key={item.id}
                  plugin={item}
                  name={nameOf(item.id)}
                  view={views.get(item.id)}
                  contributions={grouped.get(item.id) ?? []}
                  newVersion={newVersions.get(item.id)}
                  mayManage={mayManage}
                />
              ) : (
                <UnmanagedRow key={item.folderName}>{item.folderName}</UnmanagedRow>
              ),
            )}
          </ul>
        )}
      </div>
      {added.length === 0 ? null : (
        <section className="fw-card fw-flush" aria-labelledby="contributions">
          <Title order={2} size="h4" id="contributions" className="fw-card-title">
            What they add
          </Title>
          <ContributionTable contributions={added} nameOf={nameOf} />
        </section>
      )}
    </>
  );
}

function UnmanagedRow({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <li className="fw-plugin" data-testid="unmanaged">
      <div className="fw-plugin-what">
        <div className="fw-plugin-head">
          <Text fw={600} className="fw-anywhere">
            {children}
          </Text>
          <span className="fw-tag">not managed</span>
        </div>
        <Text size="sm" c="dimmed">
          A folder without a receipt. It is not loaded, updated or removed from here.
        </Text>
      </div>
    </li>
  );
}
