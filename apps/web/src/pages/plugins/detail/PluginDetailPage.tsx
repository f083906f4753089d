import { useMemo, type ReactElement, type ReactNode } from 'react';
import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { PluginDetails } from '@fleetwire/plugin-manager';
import { ChannelNotice, isStale } from '../../../ui/ChannelNotice.tsx';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { useFocusWhenLost } from '../../../ui/use-focus-when-lost.ts';
import { managedOf, useInstalled, useNames, usePluginsChannel } from '../api/use-installed.ts';
import { useManagement } from '../api/use-plugins-api.ts';
import { Denied } from '../Denied.tsx';
import { InstallDialog } from '../install/InstallDialog.tsx';
import { EnabledWord } from '../installed/EnabledWord.tsx';
import { EnableSwitch } from '../installed/EnableSwitch.tsx';
import { PluginMenu } from '../installed/PluginMenu.tsx';
import { runningOf } from '../operations/operations-state.ts';
import { OperationsPanel } from '../operations/OperationsPanel.tsx';
import { useOperations } from '../operations/operations-store.ts';
import { folderOfId, idOfFolder } from '../plugin-address.ts';
import { countKinds } from '../plugin-contributions.ts';
import { standingOf } from '../plugin-standing.ts';
import { changeSearch, detailTabs, newestVersion, tabOf } from '../plugins-search.ts';
import { noneTakenTitle } from '../release-verdict.ts';
import { mayAskAgain, notKnownTitle } from '../source-words.ts';
import { StandingMark } from '../StandingMark.tsx';
import { useUpdates } from '../updates/use-updates.ts';
import { useCatalogDetails } from '../use-release.ts';
import { useTabContributions, useTabPlugins } from '../use-tab-plugins.ts';
import '../plugins-styles.ts';
import { AboutTab } from './AboutTab.tsx';
import { AddsTab } from './AddsTab.tsx';
import { OriginTab } from './OriginTab.tsx';
import { PluginTabs } from './PluginTabs.tsx';
import { usePluginDetails } from './use-plugin-details.ts';
import { VersionsTab } from './VersionsTab.tsx';

const route = getRouteApi('/frame/plugins/$id');

/** One plugin, installed or not. */
export function PluginDetailPage(): ReactElement {
  const { id: folder } = route.useParams();
  const id = idOfFolder(folder);
  if (id === undefined) {
    return (
      <StateView kind="error" title="There is no such plugin">
        Expected source, repository and name, such as artifacthub~headlamp~app-catalog; got {folder}.
      </StateView>
    );
  }
  // What was begun on one plugin is not for another.
  return <PluginView key={id} id={id} />;
}

function PluginView({ id }: { readonly id: string }): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tab = tabOf(detailTabs, search.tab);
  const { mayManage, reason } = useManagement();
  const { view: channel, generation, operations } = usePluginsChannel();
  const { data: list, error: listError } = useInstalled(generation);
  const catalog = useCatalogDetails(id, mayManage === true);
  const view = useTabPlugins().get(id);
  const contributions = useTabContributions().filter(({ pluginId }) => pluginId === id);
  // The list is live; what else is known of the plugin may be a moment older.
  const listed = list?.items.find((item) => item.managed && item.id === id);
  const plugin = listed?.managed === true ? listed : undefined;
  const details = usePluginDetails(id, plugin !== undefined);
  const installed: PluginDetails | undefined = plugin === undefined ? undefined : (details.data ?? undefined);
  const managed = useMemo(() => managedOf(list), [list]);
  const { newVersions } = useUpdates(managed, mayManage === true && plugin !== undefined);
  const isBusy = runningOf(useOperations()).some(({ listed: { pluginId } }) => pluginId === id);
  // What had the focus goes with an install, with a removal, with an operation, and with the page from which the dialog
  // was opened.
  const titleRef = useFocusWhenLost<HTMLHeadingElement>(
    `${plugin?.build ?? ''} ${search.install ?? ''} ${String(isBusy)}`,
  );
  const nameOf = useNames(list);
  const name = nameOf(id);
  const title = plugin?.title ?? catalog.data?.title ?? name;
  const isKnown = plugin !== undefined || catalog.data !== undefined;
  const openInstall = (): void => {
    void navigate({ search: (before) => changeSearch(before, { install: newestVersion }) });
  };

  return (
    <>
      <title>{`${name} · Fleetwire`}</title>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} className="fw-plugin-what">
          <Text size="sm" c="dimmed" className="fw-anywhere">
            <Link to="/plugins" className="fw-link">
              Plugins
            </Link>
            {' · '}
            {id}
          </Text>
          <Group gap="sm">
            <Title order={1} size="h2" className="fw-anywhere" ref={titleRef} tabIndex={-1}>
              {title}
            </Title>
            {plugin === undefined ? null : <span className="fw-tag fw-numbers">{plugin.version}</span>}
            {plugin?.isPinned === true ? <span className="fw-tag">pinned</span> : null}
            {plugin === undefined ? null : <StandingMark standing={standingOf(plugin, view)} />}
            {plugin === undefined || mayManage === true ? null : (
              <EnabledWord plugin={plugin} standing={standingOf(plugin, view)} />
            )}
            <ChannelNotice view={channel} />
          </Group>
          {plugin === undefined ? null : <Reason>{standingOf(plugin, view).reason}</Reason>}
        </Stack>
        <Group gap="sm">
          {plugin !== undefined ? (
            mayManage !== true ? null : (
              <>
                <EnableSwitch plugin={plugin} name={name} />
                <PluginMenu
                  plugin={plugin}
                  name={name}
                  newVersion={newVersions.get(id)}
                  adds={countKinds(contributions)}
                />
              </>
            )
          ) : catalog.data === undefined ? null : catalog.data.newestCompatible === undefined ? (
            <Text size="sm" c="dimmed" data-testid="nothing-fits">
              {noneTakenTitle(catalog.data)}
            </Text>
          ) : (
            <Button onClick={openInstall} loading={isBusy}>
              Install
            </Button>
          )}
        </Group>
      </Group>
      <OperationsPanel listed={operations} only={id} nameOf={nameOf} mayManage={mayManage === true} />
      {listError !== null && list === undefined ? (
        <NotFound title="The plugin cannot be shown" error={listError} />
      ) : list !== undefined && !isKnown && (mayManage === false || catalog.error !== null) ? (
        <NotFound title={notKnownTitle(catalog.error)} error={catalog.error} onRetry={() => void catalog.refetch()} />
      ) : (
        <>
          <PluginTabs folder={folderOfId(id)} active={tab} />
          <div className="fw-plugin-part" data-stale={isStale(channel)}>
            {tab === 'about' ? (
              <AboutTab installed={installed} catalog={catalog} mayManage={mayManage} />
            ) : tab === 'adds' ? (
              <AddsTab contributions={contributions} isInstalled={plugin !== undefined} />
            ) : tab === 'origin' ? (
              details.isLoading || list === undefined ? (
                <div className="fw-card fw-flush">
                  <LoadingRows rows={4} label="Loading its origin" />
                </div>
              ) : details.error !== null && installed === undefined ? (
                <NotFound title="Its origin cannot be shown" error={details.error} />
              ) : (
                <OriginTab plugin={installed} />
              )
            ) : mayManage === false ? (
              <Denied what="The list of versions" reason={reason} />
            ) : (
              <VersionsTab id={id} catalog={catalog} installedVersion={plugin?.version} />
            )}
          </div>
        </>
      )}
      {search.install === undefined || mayManage !== true ? null : (
        <InstallDialog
          id={id}
          name={name}
          version={search.install === newestVersion ? undefined : search.install}
          packageName={search.package}
          catalog={catalog}
          adds={countKinds(contributions)}
          onClose={() => {
            void navigate({
              search: (before) => changeSearch(before, { install: undefined, package: undefined }),
              replace: true,
            });
          }}
        />
      )}
    </>
  );
}

function Reason({ children }: { readonly children: ReactNode }): ReactElement | null {
  if (children === undefined) return null;
  return (
    <Text size="sm" c="dimmed" className="fw-anywhere">
      {children}
    </Text>
  );
}

function NotFound(props: {
  readonly title: string;
  readonly error: Error | null;
  readonly onRetry?: () => void;
}): ReactElement {
  const { title, error, onRetry } = props;
  return (
    <div className="fw-card fw-flush">
      <StateView
        kind={error === null ? 'empty' : 'error'}
        title={title}
        action={mayAskAgain(error) && onRetry !== undefined ? { label: 'Try again', run: onRetry } : undefined}
      >
        {error === null ? 'What the sources say of it is for those who manage plugins.' : error.message}
      </StateView>
    </div>
  );
}
