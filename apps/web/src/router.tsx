import { createRootRouteWithContext, createRoute, createRouter, redirect } from '@tanstack/react-router';
import type { AuthSession } from './auth/auth-session.ts';
import { ownPath } from './auth/own-path.ts';
import { AppFrame } from './frame/AppFrame.tsx';
import { ConnectionsPage } from './pages/ConnectionsPage.tsx';
import { ErrorPage, NotFoundPage } from './pages/ErrorPage.tsx';
import { LoginPage } from './pages/LoginPage.tsx';
import { OverviewPage } from './pages/OverviewPage.tsx';

interface RouterContext {
  readonly session: AuthSession;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
  beforeLoad: ({ context }) => context.session.restore(),
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
});

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search): { readonly next?: string } => optionalText(search, 'next'),
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
  validateSearch: (search): { readonly q?: string } => optionalText(search, 'q'),
  component: ConnectionsPage,
});

const routeTree = rootRoute.addChildren([loginRoute, frameRoute.addChildren([overviewRoute, connectionsRoute])]);

/** Creates the router of a session; it asks again who may see what whenever the sign-in changes. */
export function createAppRouter(session: AuthSession) {
  const router = createRouter({
    routeTree,
    context: { session },
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

function optionalText<K extends string>(
  search: Readonly<Record<string, unknown>>,
  key: K,
): { readonly [P in K]?: string } {
  const value = search[key];
  // The router reads `?q=1` as a number.
  const text =
    typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  return (text === '' ? {} : { [key]: text }) as { readonly [P in K]?: string };
}
