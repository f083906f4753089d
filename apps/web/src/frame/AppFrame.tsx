import { useEffect, type ReactElement } from 'react';
import { ActionIcon, Stack, Tooltip } from '@mantine/core';
import { Link, Outlet } from '@tanstack/react-router';
import { ClientProvider, useClient } from '@fleetwire/websocket-core/react';
import { useAuthSession, useAuthState } from '../auth/auth-context.ts';
import { Icon, Logo } from '../ui/icons.tsx';
import { ConnectionBanner, ConnectionIndicator } from './ConnectionIndicator.tsx';
import { ThemeToggle } from './ThemeToggle.tsx';

/** What surrounds every view of somebody who is signed in. */
export function AppFrame(): ReactElement | null {
  const session = useAuthSession();
  const state = useAuthState();
  // The router is on its way to the sign-in.
  if (state.status !== 'signed-in') return null;
  return (
    <ClientProvider client={state.client} getToken={session.token}>
      <KeepChannels />
      <div className="fw-frame">
        <a className="fw-skip" href="#main">
          Skip to the content
        </a>
        <header className="fw-header">
          <span className="fw-brand">
            <Logo />
            <span className="fw-wide-only">Fleetwire</span>
          </span>
          <ConnectionIndicator />
          <ThemeToggle />
          <Tooltip label={`Sign out ${state.user.username}`}>
            <ActionIcon
              variant="default"
              size={34}
              aria-label={`Sign out ${state.user.username}`}
              onClick={() => {
                void session.signOut();
              }}
            >
              <Icon name="signOut" />
            </ActionIcon>
          </Tooltip>
        </header>
        <nav className="fw-nav" aria-label="Main">
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
            <Icon name="overview" /> Overview
          </Link>
          <Link to="/connections" activeOptions={{ includeSearch: false }}>
            <Icon name="connections" /> Connections
          </Link>
        </nav>
        <main className="fw-main" id="main" tabIndex={-1}>
          <Stack gap="md">
            <ConnectionBanner />
            <Outlet />
          </Stack>
        </main>
      </div>
    </ClientProvider>
  );
}

/** Shown on more than one view. */
const keptChannels = ['server/health', 'server/connections', 'server/events'];

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
