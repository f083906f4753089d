import { useCallback, useMemo, useRef, type ReactElement } from 'react';
import { ActionIcon, Group, Title, Tooltip } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useShortcuts } from '../../frame/shortcuts/use-shortcuts.ts';
import { useFavourites } from '../../kube/favourites.ts';
import { kindEntry } from '../../kube/kinds.ts';
import { formatResourceKey } from '../../kube/resource-key.ts';
import { useClusters } from '../../live/use-clusters.ts';
import { ChannelFailure } from '../../ui/ChannelNotice.tsx';
import { Icon } from '../../ui/icons.tsx';
import { PickerMenu } from '../../ui/PickerMenu.tsx';
import { StateView } from '../../ui/StateViews.tsx';
import './list.css';
import { changeSearch, joinNames, parseListSearch, type ListSearch } from './list-search.ts';
import { KindPicker } from './KindPicker.tsx';
import { ListFilters } from './ListFilters.tsx';
import { ResourceList } from './ResourceList.tsx';
import { listedClusters } from './use-list-data.ts';
import { useKind } from '../../kube/use-kind.ts';
import { useNamespaces } from '../../kube/use-namespaces.ts';
import { ViewMenu } from './ViewMenu.tsx';

const route = getRouteApi('/frame/clusters/list');

/** What a list's address means without a resource. */
const defaultResource = { version: 'v1', resource: 'pods' };

/** Objects of one kind over clusters and namespaces, live. */
export function ResourceListPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (parts: { readonly [K in keyof ListSearch]?: string | undefined }, replace = true): void => {
      void navigate({ search: (before) => changeSearch(before, parts), replace });
    },
    [navigate],
  );
  const parsed = useMemo(() => parseListSearch(search), [search]);
  const isUnreadable = search.resource !== undefined && parsed.resource === undefined;
  const resource = parsed.resource ?? defaultResource;
  const key = formatResourceKey(resource);
  const state = useMemo(() => ({ ...parsed, resource: parsed.resource ?? defaultResource }), [parsed]);

  const { view, clusters: known } = useClusters();
  const clusters = useMemo(() => listedClusters(parsed.clusters, known), [parsed.clusters, known]);
  const kind = useKind(resource, clusters);
  const namespaces = useNamespaces(clusters);
  const entry = kindEntry(key, kind?.kind);
  const [favourites, toggleFavourite] = useFavourites();
  const isFavourite = favourites.includes(key);

  const filterRef = useRef<HTMLInputElement>(null);
  useShortcuts({
    '/': () => {
      filterRef.current?.focus();
      filterRef.current?.select();
    },
  });

  return (
    <div className="fw-list-page">
      <title>{`${entry.title} · Fleetwire`}</title>
      <Group justify="space-between" gap="sm">
        <Group gap={8} wrap="nowrap">
          <Title order={1} size="h2">
            {entry.title}
          </Title>
          <Tooltip label={isFavourite ? 'Take out of the navigation' : 'Keep in the navigation'}>
            <ActionIcon
              variant="subtle"
              color="gray"
              className="fw-star"
              aria-pressed={isFavourite}
              aria-label={isFavourite ? 'Take out of the navigation' : 'Keep in the navigation'}
              onClick={() => {
                toggleFavourite(key);
              }}
            >
              <Icon name="star" />
            </ActionIcon>
          </Tooltip>
        </Group>
        <Group gap={8}>
          <KindPicker
            clusters={clusters}
            current={key}
            onPick={(picked) => {
              // Columns, sort and selectors belong to the kind.
              change({ resource: picked, sort: '', cols: '', fields: '', view: '' }, false);
            }}
          />
          <PickerMenu
            noun="clusters"
            icon="clusters"
            names={(known ?? []).map(({ name }) => name)}
            picked={parsed.clusters}
            onChange={(picked) => {
              change({ clusters: joinNames(picked) }, false);
            }}
          />
          {kind?.namespaced === false ? null : (
            <PickerMenu
              noun="namespaces"
              icon="namespace"
              names={namespaces}
              picked={parsed.namespaces}
              allowsOther
              onChange={(picked) => {
                change({ ns: joinNames(picked) }, false);
              }}
            />
          )}
          <ViewMenu
            search={search}
            onApply={(view) => {
              void navigate({ search: view });
            }}
          />
        </Group>
      </Group>
      <ListFilters key={`filters of ${key}`} ref={filterRef} state={state} onChange={change} />
      {isUnreadable ? (
        <div className="fw-card">
          <StateView kind="error" title="There is no such kind of resource">
            Expected group, version and plural, such as apps/v1/deployments; got “{search.resource}”.
          </StateView>
        </div>
      ) : view.status === 'failed' && parsed.clusters.length === 0 ? (
        <ChannelFailure view={view} />
      ) : (
        // A list of other things begins anew: its columns, its selection, what changed.
        <ResourceList
          key={`rows of ${key}`}
          title={entry.title}
          state={state}
          clusters={clusters}
          known={known}
          kind={kind}
          onChange={change}
        />
      )}
    </div>
  );
}
