import type { ReactElement } from 'react';
import { Link, useSearch } from '@tanstack/react-router';
import { useFavourites } from '../kube/favourites.ts';
import { groupKinds } from '../kube/kinds.ts';
import { clusterTone, useClusters } from '../live/use-clusters.ts';
import { PluginNavLinks } from '../plugins/PluginNavLinks.tsx';
import { Icon } from '../ui/icons.tsx';

/** Clusters that the navigation names; the rest is behind one link. */
const maxClusters = 8;

/**
 * The main views; at the side, in the drawer of a narrow screen, and below on a phone. `alone`: they stand for what is
 * below them too.
 */
export function MainLinks({ alone = false }: { readonly alone?: boolean }): ReactElement {
  return (
    <>
      <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
        <Icon name="overview" /> Overview
      </Link>
      <Link to="/clusters" activeOptions={{ exact: !alone, includeSearch: false }}>
        <Icon name="clusters" /> Clusters
      </Link>
      <Link to="/connections" activeOptions={{ includeSearch: false }}>
        <Icon name="connections" /> Connections
      </Link>
      <Link to="/plugins" activeOptions={{ includeSearch: false }}>
        <Icon name="plugin" /> Plugins
      </Link>
    </>
  );
}

/** The whole navigation: main views, clusters, and the kinds that the user keeps. */
export function SideNav(): ReactElement {
  const { clusters = [] } = useClusters();
  return (
    <>
      <MainLinks />
      <PluginNavLinks />
      {clusters.length === 0 ? null : (
        <section aria-labelledby="nav-clusters">
          <h2 id="nav-clusters">Clusters</h2>
          {clusters.slice(0, maxClusters).map((cluster) => {
            const { tone, label } = clusterTone(cluster);
            return (
              <Link
                key={cluster.name}
                to="/clusters/list"
                search={(before: ListPlace) => ({ resource: before.resource ?? 'v1/pods', clusters: cluster.name })}
                activeProps={{}}
                activeOptions={{ exact: true }}
                title={`${cluster.name}: ${label}`}
              >
                <span className="fw-nav-state" data-tone={tone}>
                  <span className="fw-dot" aria-hidden="true" />
                </span>
                <span className="fw-nav-name">{cluster.name}</span>
                {cluster.state === 'ready' ? null : <span className="fw-hidden">{label}</span>}
              </Link>
            );
          })}
          {clusters.length > maxClusters ? <Link to="/clusters">All {clusters.length} clusters</Link> : null}
        </section>
      )}
      <KindLinks />
    </>
  );
}

/** What of a list's address stays when another kind is chosen. */
interface ListPlace {
  readonly resource?: string;
  readonly clusters?: string;
  readonly ns?: string;
}

function KindLinks(): ReactElement {
  const [favourites] = useFavourites();
  const here: ListPlace = useSearch({ strict: false });
  return (
    <>
      {groupKinds(favourites).map(([group, kinds]) => (
        <section key={group} aria-labelledby={`nav-${group}`}>
          <h2 id={`nav-${group}`}>{group}</h2>
          {kinds.map(({ key, title }) => (
            <Link
              key={key}
              to="/clusters/list"
              search={{
                resource: key,
                ...(here.clusters === undefined ? {} : { clusters: here.clusters }),
                ...(here.ns === undefined ? {} : { ns: here.ns }),
              }}
              aria-current={here.resource === key ? 'page' : undefined}
              activeOptions={{ exact: true }}
              activeProps={{ 'aria-current': here.resource === key ? 'page' : undefined }}
            >
              <span className="fw-nav-name">{title}</span>
            </Link>
          ))}
        </section>
      ))}
    </>
  );
}
