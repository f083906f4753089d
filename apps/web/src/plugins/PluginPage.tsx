import { Fragment, type ReactElement } from 'react';
import { Link, useRouterState } from '@tanstack/react-router';
import type { PluginView } from '@fleetwire/plugin-manager/browser';
import { useActivated, useContributions, usePlugins } from '@fleetwire/plugin-manager/react';
import { useManagement } from '../pages/plugins/api/use-plugins-api.ts';
import { folderOfId } from '../pages/plugins/plugin-address.ts';
import { LoadingRows, StateView } from '../ui/StateViews.tsx';
import { loadAnew } from './load-anew.ts';
import { matchRoute, ownerOf } from './match-route.ts';
import { usePluginHost } from './PagePlugins.tsx';
import { isInSafeMode } from './safe-mode.ts';
import { PluginContent, usePluginTitle } from './PluginContent.tsx';
import { whatBecame, whatIsMissing, whyNot } from './plugin-words.ts';

/** Addresses that are no page of the dashboard: the page that a plugin has there, or why there is none. */
export function PluginPage(): ReactElement {
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  const search = useRouterState({ select: ({ location }) => location.searchStr });
  const route = matchRoute(useContributions('route'), pathname);
  useActivated(route === undefined ? [] : [route]);
  if (route === undefined) return <NoPage pathname={pathname} />;
  const title = route.value.title;
  const loading = <LoadingRows label={`Loading ${title ?? 'the page'}`} />;
  return (
    <>
      {title === undefined ? null : <title>{`${title} · Fleetwire`}</title>}
      {route.isDeclared ? (
        loading
      ) : (
        <PluginContent contribution={route} componentProps={{ pathname, search }} loading={loading} />
      )}
    </>
  );
}

function NoPage({ pathname }: { readonly pathname: string }): ReactElement {
  const { host, state } = usePluginHost();
  const plugins = usePlugins();
  const owner = ownerOf(host.routeOwners(), pathname);
  const plugin = plugins.find(({ id }) => id === owner);
  if (plugin !== undefined) return <StoppedPage plugin={plugin} />;
  if (!state.isListed && state.problem === undefined) return <LoadingRows label="Loading the plugins" />;
  const isUnknown = isInSafeMode() || (state.problem !== undefined && !state.isListed);
  const mayBeOf = isUnknown ? [] : plugins.filter(({ status }) => status !== 'active' && status !== 'pending');
  return (
    <>
      <title>Not found · Fleetwire</title>
      <StateView
        kind="empty"
        isPage
        title="There is no such page"
        action={state.problem === undefined || state.isListed ? undefined : { label: 'Try again', run: host.refresh }}
      >
        {isInSafeMode()
          ? 'This is safe mode, in which no plugin is loaded: the page may be one of a plugin.'
          : state.problem !== undefined && !state.isListed
            ? `It may be one of a plugin. ${state.problem}`
            : mayBeOf.length === 0
              ? 'It may be one of a plugin that was removed.'
              : 'It may be one of a plugin that does not run: '}
        {mayBeOf.map((each, index) => (
          <Fragment key={each.id}>
            <PluginName plugin={each} />
            {index === mayBeOf.length - 1 ? '.' : ', '}
          </Fragment>
        ))}
        <div>
          <Link to="/" className="fw-link">
            Go to the overview
          </Link>
        </div>
      </StateView>
    </>
  );
}

/** What a plugin is called; for those who can do something about it, a way to where that is done. */
function PluginName({ plugin: { id } }: { readonly plugin: PluginView }): ReactElement {
  const title = usePluginTitle(id);
  const { mayManage } = useManagement();
  if (mayManage !== true) return <>{title}</>;
  return (
    <Link to="/plugins/$id" params={{ id: folderOfId(id) }} className="fw-link">
      {title}
    </Link>
  );
}

/** The page of a plugin that was here and does not run. */
function StoppedPage({ plugin }: { readonly plugin: PluginView }): ReactElement {
  const { host } = usePluginHost();
  const { mayManage } = useManagement();
  const { id, status, problem } = plugin;
  const title = usePluginTitle(id);
  if (status === 'pending' || status === 'loading') return <LoadingRows label={`Loading ${title}`} />;
  const word = status === 'active' ? 'does not bring this page' : whatBecame(status);
  return (
    <>
      <title>{`${title} · Fleetwire`}</title>
      <StateView
        kind={problem === undefined ? 'empty' : 'error'}
        isPage
        title={`The plugin “${title}” ${word}`}
        action={
          problem === undefined
            ? undefined
            : problem.needsReload
              ? {
                  label: 'Load the page anew',
                  run: () => {
                    loadAnew();
                  },
                }
              : {
                  label: 'Try again',
                  run: () => {
                    host.getSnapshot().loader?.retry(id);
                  },
                }
        }
      >
        {status === 'active'
          ? plugin.warnings.length > 0
            ? whatIsMissing(plugin.warnings)
            : undefined
          : whyNot(plugin)}
        {mayManage === true ? (
          <div>
            <Link to="/plugins/$id" params={{ id: folderOfId(id) }} className="fw-link">
              Manage the plugin “{title}”
            </Link>
          </div>
        ) : null}
      </StateView>
    </>
  );
}
