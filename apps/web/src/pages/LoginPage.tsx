import { useEffect, useState, type ReactElement, type SyntheticEvent } from 'react';
import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useAuthSession, useAuthState } from '../auth/auth-context.ts';
import { ApiError } from '../auth/auth-session.ts';
import { PluginProvider } from '@fleetwire/plugin-manager/react';
import { ThemeToggle } from '../frame/ThemeToggle.tsx';
import { Logo } from '../ui/icons.tsx';

const route = getRouteApi('/login');

/** Signs in; the router then leads on to where the visitor was going. */
export function LoginPage(): ReactElement {
  const session = useAuthSession();
  const state = useAuthState();
  const { prefill: holder } = route.useRouteContext();
  const [prefill] = useState(holder.get);
  useEffect(() => {
    holder.forget();
  }, [holder]);
  const [username, setUsername] = useState(prefill.username);
  const [password, setPassword] = useState(prefill.password);
  const signIn = useMutation({ mutationFn: () => session.signIn(username.trim(), password) });

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    signIn.mutate();
  };
  const hasEnded = state.status === 'signed-out' && state.ended;

  return (
    <main className="fw-login">
      <title>Sign in · Fleetwire</title>
      <div className="fw-card">
        <form onSubmit={submit}>
          <Stack gap="md" p={6}>
            <Stack gap={6} align="flex-start">
              <Logo size={40} />
              <Title order={1} size="h2">
                Sign in to Fleetwire
              </Title>
            </Stack>
            {signIn.isError ? (
              <Alert color="red" variant="light" role="alert" data-testid="sign-in-error">
                <Text size="sm" c="var(--fw-bad)">
                  {explain(signIn.error)}
                </Text>
              </Alert>
            ) : hasEnded ? (
              <Alert color="yellow" variant="light">
                <Text size="sm" c="var(--fw-busy)">
                  Your sign-in has ended. Sign in again to go on.
                </Text>
              </Alert>
            ) : null}
            <TextInput
              label="User name"
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              required
              withAsterisk={false}
              autoFocus={prefill.username === ''}
              value={username}
              onChange={(event) => {
                setUsername(event.currentTarget.value);
              }}
            />
            <PasswordInput
              label="Password"
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
              value={password}
              onChange={(event) => {
                setPassword(event.currentTarget.value);
              }}
            />
            <Button type="submit" fullWidth loading={signIn.isPending} data-autofocus>
              Sign in
            </Button>
            <Text size="sm" c="dimmed">
              The server printed the first password when it started for the first time.
            </Text>
          </Stack>
        </form>
      </div>
      <div style={{ position: 'fixed', top: 12, right: 14, width: 'auto' }}>
        {/* Nobody has plugins before the sign-in. */}
        <PluginProvider loader={undefined}>
          <ThemeToggle />
        </PluginProvider>
      </div>
    </main>
  );
}

function explain(error: Error): string {
  if (!(error instanceof ApiError)) return 'Something failed in this page. Reload it and try again.';
  switch (error.code) {
    case 'UNAUTHENTICATED':
      return 'The user name or the password is wrong.';
    case 'RATE_LIMITED':
      return `Too many failed attempts. Try again in ${String(Math.ceil((error.retryAfterMs ?? 0) / 1000))} s.`;
    default:
      return error.message;
  }
}
