import { lazy, Suspense, useEffect, useState, type ReactElement } from 'react';
import { ActionIcon, Stack, Tooltip } from '@mantine/core';
import { Outlet, useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { clustersChannel } from '@fleetwire/kube-watch';
import { KubeWatchProvider } from '@fleetwire/kube-watch/react';
import { ClientProvider, useClient } from '@fleetwire/websocket-core/react';
import { useAuthSession, useAuthState } from '../auth/auth-context.ts';
import { kubeClientOf } from '../live/kube-client.ts';
import { OperationsWatch } from '../pages/plugins/operations/OperationsWatch.tsx';
import { PagePlugins } from '../plugins/PagePlugins.tsx';
import { SafeModeBanner } from '../plugins/SafeModeBanner.tsx';
import { Icon, Logo } from '../ui/icons.tsx';
import { Toasts } from '../ui/toasts/Toasts.tsx';
import { ConnectionBanner, ConnectionIndicator } from './ConnectionIndicator.tsx';
import { MainLinks, SideNav } from './SideNav.tsx';
import { useShortcuts } from './shortcuts/use-shortcuts.ts';
import { ThemeToggle } from './ThemeToggle.tsx';

// Not needed before somebody asks for them.
const CommandPalette = lazy(async () => ({ default: (await import('./palette/CommandPalette.tsx')).CommandPalette }));
const ShortcutsDialog = lazy(async () => ({
  default: (await import('./shortcuts/ShortcutsDialog.tsx')).ShortcutsDialog,
}));
const NavDrawer = lazy(async () => ({ default: (await import('./NavDrawer.tsx')).NavDrawer }));

/** What surrounds every view of somebody who is signed in. */
export function AppFrame(): ReactElement | null {
  const session = useAuthSession();
  const state = useAuthState();
  // The router is on its way to the sign-in.
  if (state.status !== 'signed-in') return null;
  return (
    <ClientProvider client={state.client} getToken={session.token}>
      <KubeWatchProvider client={kubeClientOf(session, state.client)}>
        <KeepChannels />
        <OperationsWatch />
        <PagePlugins client={state.client}>
          <FrameLayout username={state.user.username} />
        </PagePlugins>
        <Toasts />
      </KubeWatchProvider>
    </ClientProvider>
  );
}

function FrameLayout({ username }: { readonly username: string }): ReactElement {
  const session = useAuthSession();
  const [open, setOpen] = useState<'palette' | 'shortcuts' | 'nav' | undefined>();
  const close = (): void => {
    setOpen(undefined);
  };
  const openPalette = (): void => {
    setOpen('palette');
  };
  useFrameShortcuts(openPalette, () => {
    setOpen('shortcuts');
  });
  return (
    <>
      <div className="fw-frame">
        <a className="fw-skip" href="#main">
          Skip to the content
        </a>
        <header className="fw-header">
          <ActionIcon
            className="fw-burger"
            variant="default"
            size={34}
            aria-label="Open the navigation"
            onClick={() => {
              setOpen('nav');
            }}
          >
            <Icon name="menu" />
          </ActionIcon>
          <span className="fw-brand">
            <Logo />
            <span className="fw-wide-only">Fleetwire</span>
          </span>
          <button type="button" className="fw-goto" onClick={openPalette} aria-keyshortcuts="Control+K Meta+K">
            <Icon name="search" size={16} />
            <span>Go to…</span>
            <kbd className="fw-wide-only">{paletteKey}</kbd>
          </button>
          <ConnectionIndicator />
          <ThemeToggle />
          <Tooltip label={`Sign out ${username}`}>
            <ActionIcon
              variant="default"
              size={34}
              aria-label={`Sign out ${username}`}
              onClick={() => {
                void session.signOut();
              }}
            >
              <Icon name="signOut" />
            </ActionIcon>
          </Tooltip>
        </header>
        <nav className="fw-nav fw-nav-side" aria-label="Main">
          <SideNav />
        </nav>
        <nav className="fw-nav fw-nav-bottom" aria-label="Main">
          <MainLinks alone />
        </nav>
        <main className="fw-main" id="main" tabIndex={-1}>
          <Stack gap="md">
            <ConnectionBanner />
            <SafeModeBanner />
            <Outlet />
          </Stack>
        </main>
      </div>
      <Suspense>
        {open === 'palette' ? <CommandPalette onClose={close} /> : null}
        {open === 'shortcuts' ? <ShortcutsDialog onClose={close} /> : null}
        {open === 'nav' ? <NavDrawer onClose={close} /> : null}
      </Suspense>
    </>
  );
}

const paletteKey = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K';

const objectRoute = '/frame/clusters/$cluster/$resource/$namespace/$name';

/** Shortcuts that hold in every view; from an object's page, Escape leads back to the list. */
function useFrameShortcuts(openPalette: () => void, openShortcuts: () => void): void {
  const navigate = useNavigate();
  const goToKind = (resource: string) => () => {
    void navigate({ to: '/clusters/list', search: { resource } });
  };
  const router = useRouter();
  const isObjectPage = useRouterState({ select: ({ matches }) => matches.at(-1)?.routeId === objectRoute });
  const back = (): void => {
    // What is open over the page closes first, by its own means.
    if (document.querySelector('.mantine-Popover-dropdown') !== null) return;
    // A key too many is no reason to leave a text that is being edited.
    if (document.querySelector('[data-editable=true]') !== null) return;
    if (router.history.canGoBack()) router.history.back();
    else void navigate({ to: '/clusters/list' });
  };
  useShortcuts({
    ...(isObjectPage ? { Escape: back } : {}),
    'mod+k': openPalette,
    '?': openShortcuts,
    'g o': () => void navigate({ to: '/' }),
    'g c': () => void navigate({ to: '/clusters' }),
    'g n': () => void navigate({ to: '/connections' }),
    'g l': () => void navigate({ to: '/plugins' }),
    'g p': goToKind('v1/pods'),
    'g d': goToKind('apps/v1/deployments'),
    'g s': goToKind('v1/services'),
    'g e': goToKind('v1/events'),
  });
}

/** Shown on more than one view. */
const keptChannels = ['server/health', 'server/connections', 'server/events', clustersChannel];

/**
 * Holds the channels while the frame is there, so that a view which is come back to shows at once what it had, also
 * while the connection is away. The client has one subscription for each, however many hold it.
 */
function KeepChannels(): null {
  const client = useClient();
  useEffect(() => {
    const held = keptChannels.map((channel) => client.subscribe(channel));
    return () => {
      for (const subscription of held) subscription.dispose();
    };
  }, [client]);
  return null;
}
