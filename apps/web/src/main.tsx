import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/global.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/VisuallyHidden.css';
import '@mantine/core/styles/Paper.css';
import '@mantine/core/styles/Popover.css';
import '@mantine/core/styles/Overlay.css';
import '@mantine/core/styles/ModalBase.css';
import '@mantine/core/styles/Modal.css';
import '@mantine/core/styles/Drawer.css';
import '@mantine/core/styles/Combobox.css';
import '@mantine/core/styles/Menu.css';
import '@mantine/core/styles/Notification.css';
import '@mantine/core/styles/Checkbox.css';
import '@mantine/core/styles/NumberInput.css';
import '@mantine/core/styles/Loader.css';
import '@mantine/core/styles/CloseButton.css';
import '@mantine/core/styles/ActionIcon.css';
import '@mantine/core/styles/Alert.css';
import '@mantine/core/styles/Badge.css';
import '@mantine/core/styles/Button.css';
import '@mantine/core/styles/Group.css';
import '@mantine/core/styles/Input.css';
import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/PasswordInput.css';
import '@mantine/core/styles/SimpleGrid.css';
import '@mantine/core/styles/Skeleton.css';
import '@mantine/core/styles/Stack.css';
import '@mantine/core/styles/Text.css';
import '@mantine/core/styles/Title.css';
import '@mantine/core/styles/Tooltip.css';
import './app.css';
import './plugins/plugins.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ContributionBoundary } from '@fleetwire/plugin-manager/react';
import { createClient } from '@fleetwire/websocket-core/client';
import { version } from '../package.json';
import { AuthContext } from './auth/auth-context.ts';
import { AuthSession } from './auth/auth-session.ts';
import { findStorage } from './auth/hint-storage.ts';
import { onUserChange } from './auth/on-user-change.ts';
import { SignInPrefill } from './auth/sign-in-prefill.ts';
import { createAppRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';
import { clearToasts } from './ui/toasts/Toasts.tsx';
import { forgetStored } from './ui/use-stored.ts';

const session = new AuthSession(
  (getToken) => createClient({ url: '/ws', getToken, peer: { name: 'dashboard', version }, firstPingMs: 500 }),
  findStorage(() => localStorage),
  findStorage(() => sessionStorage),
);
const prefill = new SignInPrefill(location, history);
const router = createAppRouter(session, prefill);
const queryClient = new QueryClient();
// Nothing of one user stays for the next in the same tab.
onUserChange(session, () => {
  prefill.forget();
  queryClient.clear();
  clearToasts();
  forgetStored();
});

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root, {
    onCaughtError(error, { errorBoundary }) {
      // What a plugin throws is named in its place, and counted.
      if (!(errorBoundary instanceof ContributionBoundary)) console.error(error);
    },
  }).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <QueryClientProvider client={queryClient}>
          <AuthContext value={session}>
            <RouterProvider router={router} />
          </AuthContext>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
