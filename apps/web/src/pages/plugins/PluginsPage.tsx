import { useMemo, type ReactElement } from 'react';
import { Group, Text, Title } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { LeftCode } from '../../plugins/LeftCode.tsx';
import { usePluginHost } from '../../plugins/PagePlugins.tsx';
import { ChannelNotice, isStale } from '../../ui/ChannelNotice.tsx';
import { LoadingRows } from '../../ui/StateViews.tsx';
import { useFocusWhenLost } from '../../ui/use-focus-when-lost.ts';
import { isStateCorrupt } from './api/plugins-api.ts';
import { managedOf, useInstalled, useNames, usePluginsChannel } from './api/use-installed.ts';
import { useManagement } from './api/use-plugins-api.ts';
import { CatalogTab } from './catalog/CatalogTab.tsx';
import { Denied } from './Denied.tsx';
import { InstalledTab } from './installed/InstalledTab.tsx';
import { OperationDialog } from './operations/OperationDialog.tsx';
import { OperationsPanel } from './operations/OperationsPanel.tsx';
import { runningOf } from './operations/operations-state.ts';
import { useOperations } from './operations/operations-store.ts';
import { changeSearch, pluginTabs, tabOf, type PluginTab } from './plugins-search.ts';
import { UpdatesTab } from './updates/UpdatesTab.tsx';
import { useUpdates } from './updates/use-updates.ts';
import './plugins-styles.ts';

const route = getRouteApi('/frame/plugins');

/** The plugins of the server: what is installed, what there is, and what is new. */
export function PluginsPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tab = tabOf(pluginTabs, search.tab);
  const { mayManage, reason, sources } = useManagement();
  const { view, generation, operations } = usePluginsChannel();
  const installed = useInstalled(generation);
  const list = installed.data;
  const managed = useMemo(() => managedOf(list), [list]);
  const { answer, updates, newVersions } = useUpdates(managed, mayManage === true && managed.size > 0);
  // What had the focus may go with a plugin, and with an operation.
  const runningIds = runningOf(useOperations()).map(({ listed: { id } }) => id);
  const titleRef = useFocusWhenLost<HTMLHeadingElement>(`${String(managed.size)} ${runningIds.join(' ')}`);
  const nameOf = useNames(list);
  const isOld = isStale(view);

  return (
    <>
      <title>Plugins · Fleetwire</title>
      <Group gap="sm" align="center">
        <Title order={1} size="h2" ref={titleRef} tabIndex={-1}>
          Plugins
        </Title>
        <Text c="dimmed" className="fw-numbers" data-testid="count">
          {list === undefined ? '' : `${String(list.items.length)} installed`}
        </Text>
        <ChannelNotice view={view} />
      </Group>
      <PluginTabs active={tab} updateCount={newVersions.size} />
      {mayManage === false && tab === 'installed' ? (
        <Text size="sm" c="dimmed" data-testid="read-only">
          {reason ?? 'You can see what is installed. To change it takes the permission plugin.manage.'}
        </Text>
      ) : null}
      <OperationsPanel listed={operations} nameOf={nameOf} mayManage={mayManage === true} />
      {/* Where the store cannot be read, the tab says so, and what helps. */}
      {tab === 'installed' && isStateCorrupt(installed.error) ? null : <ListNotice />}
      <LeftCode />
      {tab === 'installed' ? (
        <InstalledTab
          installed={installed}
          isStale={isOld}
          newVersions={newVersions}
          nameOf={nameOf}
          mayManage={mayManage === true}
        />
      ) : mayManage === undefined ? (
        <div className="fw-card fw-flush">
          <LoadingRows rows={4} />
        </div>
      ) : !mayManage ? (
        <Denied what={tab === 'catalog' ? 'The catalog' : 'The list of updates'} reason={reason} />
      ) : tab === 'catalog' ? (
        <CatalogTab installed={managed} sources={sources} />
      ) : (
        <UpdatesTab
          answer={answer}
          updates={list !== undefined && managed.size === 0 ? { items: [] } : updates}
          listError={installed.error}
          hasPlugins={managed.size > 0}
          onRetry={() => void (list === undefined ? installed : answer).refetch()}
          nameOf={nameOf}
        />
      )}
      {search.op === undefined ? null : (
        <OperationDialog
          operationId={search.op}
          nameOf={nameOf}
          onClose={() => {
            void navigate({ search: (before) => changeSearch(before, { op: undefined }), replace: true });
          }}
        />
      )}
    </>
  );
}

/** Says that this tab does not know which plugins to load; it asks again by itself. */
function ListNotice(): ReactElement | null {
  const { host, state } = usePluginHost();
  if (state.problem === undefined) return null;
  return (
    <div className="fw-notice" data-tone="busy" role="status" data-testid="not-listed">
      <span className="fw-anywhere">
        {state.isListed
          ? 'This tab could not ask which plugins to load, and keeps those that it has. '
          : 'This tab could not ask which plugins to load, so none of them runs here. '}
        It tries again by itself. {state.problem}
      </span>
      <button type="button" className="fw-button" onClick={host.refresh}>
        Try now
      </button>
    </div>
  );
}

function PluginTabs(props: { readonly active: PluginTab; readonly updateCount: number }): ReactElement {
  const { active, updateCount } = props;
  return (
    <nav className="fw-tabs" aria-label="Parts of this page">
      {(Object.keys(pluginTabs) as PluginTab[]).map((tab) => (
        <Link
          key={tab}
          to="/plugins"
          search={tab === 'installed' ? {} : { tab }}
          aria-current={tab === active ? 'page' : undefined}
          activeProps={{ 'aria-current': tab === active ? 'page' : undefined }}
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
        >
          {pluginTabs[tab]}
          {tab === 'updates' && updateCount > 0 ? (
            <span className="fw-tag fw-tag-new fw-numbers" data-testid="update-count">
              {updateCount}
            </span>
          ) : null}
        </Link>
      ))}
    </nav>
  );
}
