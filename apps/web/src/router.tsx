import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  defaultStringifySearch,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import type { AuthSession } from './auth/auth-session.ts';
import { ownPath } from './auth/own-path.ts';
import type { SignInPrefill } from './auth/sign-in-prefill.ts';
import { AppFrame } from './frame/AppFrame.tsx';
import { ConnectionsPage } from './pages/ConnectionsPage.tsx';
import { ErrorPage, NotFoundPage } from './pages/ErrorPage.tsx';
import { LoginPage } from './pages/LoginPage.tsx';
import { listSearchKeys, type ListSearch } from './pages/clusters/list-search.ts';
import { OverviewPage } from './pages/OverviewPage.tsx';
import {
  pageIn,
  pluginSearchKeys,
  pluginsSearchKeys,
  type PluginSearch,
  type PluginsSearch,
} from './pages/plugins/plugins-search.ts';

interface RouterContext {
  readonly session: AuthSession;
  readonly prefill: SignInPrefill;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
  beforeLoad: ({ context }) => context.session.restore(),
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
});

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search): { readonly next?: string } => texts(search, ['next']),
  beforeLoad({ context, search }) {
    // Back to where the visitor was going, on this site alone.
    const next = ownPath(search.next, location.origin);
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- how this router redirects
    if (context.session.getState().status === 'signed-in') throw redirect({ href: next, replace: true });
  },
  component: LoginPage,
});

const frameRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'frame',
  beforeLoad({ context, location }) {
    if (context.session.getState().status === 'signed-in') return;
    const search = location.href === '/' ? {} : { next: location.href };
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- how this router redirects
    throw redirect({ to: '/login', search, replace: true });
  },
  component: AppFrame,
});

const overviewRoute = createRoute({ getParentRoute: () => frameRoute, path: '/', component: OverviewPage });

const connectionsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/connections',
  validateSearch: (search): { readonly q?: string } => texts(search, ['q']),
  component: ConnectionsPage,
});

// The pages of the clusters are loaded when one of them is opened.
const clustersRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/clusters',
  validateSearch: (search): { readonly add?: string } => texts(search, ['add']),
  component: lazyRouteComponent(() => import('./pages/clusters/ClustersPage.tsx'), 'ClustersPage'),
});

const resourceListRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/clusters/list',
  validateSearch: (search): ListSearch => texts(search, listSearchKeys),
  component: lazyRouteComponent(() => import('./pages/clusters/ResourceListPage.tsx'), 'ResourceListPage'),
});

const resourceDetailRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/clusters/$cluster/$resource/$namespace/$name',
  validateSearch: (search): { readonly tab?: string | undefined } => texts(search, ['tab']),
  component: lazyRouteComponent(() => import('./pages/clusters/ResourceDetailPage.tsx'), 'ResourceDetailPage'),
});

// So are those of the plugins.
const pluginsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/plugins',
  validateSearch: (search): PluginsSearch => ({ ...texts(search, pluginsSearchKeys), ...pageIn(search) }),
  component: lazyRouteComponent(() => import('./pages/plugins/PluginsPage.tsx'), 'PluginsPage'),
});

const pluginRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/plugins/$id',
  validateSearch: (search): PluginSearch => texts(search, pluginSearchKeys),
  component: lazyRouteComponent(() => import('./pages/plugins/detail/PluginDetailPage.tsx'), 'PluginDetailPage'),
});

// Whatever is nobody else's: the router takes it last.
const pluginPageRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '$',
  component: lazyRouteComponent(() => import('./plugins/PluginPage.tsx'), 'PluginPage'),
});

const routeTree = rootRoute.addChildren([
  loginRoute,
  frameRoute.addChildren([
    overviewRoute,
    clustersRoute,
    resourceListRoute,
    resourceDetailRoute,
    connectionsRoute,
    pluginsRoute,
    pluginRoute,
    pluginPageRoute,
  ]),
]);

/** Creates the router of a session; it asks again who may see what whenever the sign-in changes. */
export function createAppRouter(session: AuthSession, prefill: SignInPrefill) {
  const router = createRouter({
    routeTree,
    context: { session, prefill },
    // Lists of names and resource types stay readable: these need no escape in a query (RFC 3986, 3.4).
    stringifySearch: (search) => defaultStringifySearch(search).replace(/%(?:2F|2C|3A)/g, decodeURIComponent),
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
  });
  let wasSignedIn = false;
  session.subscribe(() => {
    const isSignedIn = session.getState().status === 'signed-in';
    if (isSignedIn !== wasSignedIn) void router.invalidate();
    wasSignedIn = isSignedIn;
  });
  return router;
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}

/** The texts of an address by their keys; empty ones are left out. */
function texts<K extends string>(
  search: Readonly<Record<string, unknown>>,
  keys: readonly K[],
): { readonly [P in K]?: string } {
  const found = keys.flatMap((key) => {
    const value = search[key];
    // The router reads `?q=1` as a number.
    const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return isText && value !== '' ? [[key, String(value)] as const] : [];
  });
  return Object.fromEntries(found) as { readonly [P in K]?: string };
}
