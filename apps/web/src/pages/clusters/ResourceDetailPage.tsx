import { useMemo, type ReactElement } from 'react';
import { Badge, Group, Stack, Text, Title } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { KubeObject, KubeResource } from '@fleetwire/kube-watch';
import { useApiResources, useKubeObject, type ApiResourcesResult } from '@fleetwire/kube-watch/react';
import { formatResourceKey, namespaceOfParam, parseResourceKey } from '../../kube/resource-key.ts';
import { useKnownPermission, usePermission } from '../../live/use-permissions.ts';
import { LoadingRows, StateView } from '../../ui/StateViews.tsx';
import '../../ui/tabs.css';
import './detail/detail.css';
import { DetailTabs, detailTabOf, type DetailTab } from './detail/DetailTabs.tsx';
import { EventsTab } from './detail/EventsTab.tsx';
import { ObjectActions } from './detail/ObjectActions.tsx';
import { OverviewTab } from './detail/OverviewTab.tsx';
import { LogsTab } from './detail/LogsTab.tsx';
import { OfPods } from './detail/OfPods.tsx';
import { RelatedTab } from './detail/RelatedTab.tsx';
import { TerminalTab } from './detail/terminal/TerminalTab.tsx';
import { hasPods } from './detail/use-workload-pods.ts';
import { YamlTab } from './detail/YamlTab.tsx';
import { WatchNotice } from './detail/WatchNotice.tsx';

const route = getRouteApi('/frame/clusters/$cluster/$resource/$namespace/$name');

/** One object of a cluster, live. */
export function ResourceDetailPage(): ReactElement {
  const { cluster, resource: key, namespace, name } = route.useParams();
  const resource = parseResourceKey(key);
  if (resource === undefined) {
    return (
      <StateView kind="error" title="There is no such kind of resource">
        Expected group, version and plural, such as apps~v1~deployments; got {key}.
      </StateView>
    );
  }
  return (
    <ObjectPage
      // What was begun on one object is not for another.
      key={[cluster, key, namespace, name].join('/')}
      cluster={cluster}
      resource={resource}
      namespace={namespaceOfParam(namespace)}
      name={name}
    />
  );
}

function ObjectPage(props: {
  readonly cluster: string;
  readonly resource: KubeResource;
  readonly namespace: string | undefined;
  readonly name: string;
}): ReactElement {
  const { cluster, resource, namespace, name } = props;
  const tab = detailTabOf(route.useSearch().tab);
  const view = useKubeObject({ cluster, resource, namespace, name });
  const { object, error } = view;
  const discovery = useApiResources([cluster]);
  const apiResource = useMemo(
    () => discovery.byCluster.get(cluster)?.find((each) => formatResourceKey(each) === formatResourceKey(resource)),
    [discovery, cluster, resource],
  );
  const mayWrite = usePermission('kube.write');
  const maySeeSecrets = usePermission('kube.secrets');
  const terminal = useTerminal(discovery, cluster);
  const canWrite = mayWrite && (resource.resource !== 'secrets' || maySeeSecrets) && !view.isDeleted;

  return (
    <>
      <title>{`${name} · Fleetwire`}</title>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4}>
          <Text size="sm" c="dimmed">
            <Link to="/clusters/list" search={{ resource: formatResourceKey(resource), clusters: cluster }}>
              {object?.kind ?? resource.resource}
            </Link>
            {' · '}
            {cluster}
            {namespace === undefined ? '' : ` · ${namespace}`}
          </Text>
          <Group gap="sm">
            <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Title>
            {view.isDeleted ? (
              <Badge color="red" variant="light" tt="none">
                Deleted
              </Badge>
            ) : object?.metadata.deletionTimestamp === undefined ? null : (
              <Badge color="yellow" variant="light" tt="none">
                Being deleted
              </Badge>
            )}
            <WatchNotice view={view} />
          </Group>
        </Stack>
        {object === undefined ? null : (
          <ObjectActions target={props} object={object} resource={apiResource} canWrite={canWrite} />
        )}
      </Group>
      {object !== undefined ? (
        <>
          <DetailTabs tabs={tabsOf(object, terminal)} active={tab} />
          <div data-stale={view.isStale || view.isDeleted}>
            <TabContent tab={tab} target={props} object={object} canWrite={canWrite} terminal={terminal} />
          </div>
        </>
      ) : view.isLoading ? (
        <LoadingRows rows={6} label={`Loading ${name}`} />
      ) : error === undefined || error.status === 404 ? (
        <StateView kind="empty" title={`There is no ${name}`}>
          It may have been deleted. When it is created again, it shows here by itself.
        </StateView>
      ) : (
        <StateView kind={error.status === 403 ? 'denied' : 'error'} title={`${name} cannot be shown`}>
          {error.message}
        </StateView>
      )}
    </>
  );
}

/** Whether the user may open a terminal in the cluster's pods. */
type TerminalOffer = 'offered' | 'looking' | 'not-offered' | 'not-allowed';

function useTerminal(discovery: ApiResourcesResult, cluster: string): TerminalOffer {
  const isAllowed = useKnownPermission('kube.exec');
  const found = discovery.byCluster.get(cluster);
  if (isAllowed === undefined) return 'looking';
  if (!isAllowed) return 'not-allowed';
  if (found === undefined) return discovery.isLoading ? 'looking' : 'not-offered';
  const pods = found.find(({ group = '', resource }) => group === '' && resource === 'pods');
  return pods?.subresources.includes('exec') === true ? 'offered' : 'not-offered';
}

function tabsOf(object: KubeObject, terminal: TerminalOffer): readonly DetailTab[] {
  const tabs: DetailTab[] = ['overview', 'yaml', 'events', 'related'];
  if (!hasPods(object)) return tabs;
  return terminal === 'offered' ? [...tabs, 'logs', 'terminal'] : [...tabs, 'logs'];
}

function TabContent({
  tab,
  target,
  object,
  canWrite,
  terminal,
}: {
  readonly tab: DetailTab;
  readonly target: {
    readonly cluster: string;
    readonly resource: KubeResource;
    readonly namespace: string | undefined;
    readonly name: string;
  };
  readonly object: KubeObject;
  readonly canWrite: boolean;
  readonly terminal: TerminalOffer;
}): ReactElement {
  const { cluster } = target;
  switch (tab) {
    case 'overview':
      return <OverviewTab cluster={cluster} resource={target.resource} object={object} />;
    case 'yaml':
      return <YamlTab target={target} object={object} canEdit={canWrite} />;
    case 'events':
      return <EventsTab cluster={cluster} object={object} />;
    case 'related':
      return <RelatedTab cluster={cluster} object={object} />;
    case 'logs':
      return (
        <OfPods cluster={cluster} object={object}>
          {(pods) => <LogsTab cluster={cluster} pods={pods} />}
        </OfPods>
      );
    case 'terminal':
      return <TerminalOrWhyNot cluster={cluster} object={object} terminal={terminal} />;
  }
}

/** An address may name the tab where there is none to show. */
function TerminalOrWhyNot(props: {
  readonly cluster: string;
  readonly object: KubeObject;
  readonly terminal: TerminalOffer;
}): ReactElement {
  const { cluster, object, terminal } = props;
  if (terminal === 'offered' && hasPods(object)) {
    return (
      <OfPods cluster={cluster} object={object}>
        {(pods) => <TerminalTab cluster={cluster} pods={pods} />}
      </OfPods>
    );
  }
  switch (terminal) {
    case 'looking':
      return <LoadingRows rows={6} label="Asking the cluster what it offers" />;
    case 'not-allowed':
      return (
        <StateView kind="denied" title="No terminal">
          Your role may not run commands in containers.
        </StateView>
      );
    case 'offered':
    case 'not-offered':
      return (
        <StateView kind="empty" title="No terminal">
          There is nothing here to run a command in.
        </StateView>
      );
  }
}
