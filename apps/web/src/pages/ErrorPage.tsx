import type { ReactElement } from 'react';
import { Button, Stack, Text, Title } from '@mantine/core';
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { messageOf } from '@fleetwire/plugin-manager/browser';
import { ApiError } from '../auth/auth-session.ts';

/** Stands in for a view that failed. */
export function ErrorPage({ error, reset }: ErrorComponentProps): ReactElement {
  const router = useRouter();
  const isServer = error instanceof ApiError;
  return (
    <main className="fw-login">
      <title>Fleetwire</title>
      <div className="fw-card fw-empty" role="alert">
        <Stack gap="md" align="center">
          <Title order={1} size="h3">
            {isServer ? 'The server does not answer' : 'This page failed'}
          </Title>
          <Text c="dimmed" maw="100%" style={{ overflowWrap: 'anywhere' }}>
            {isServer ? error.message : messageOf(error)}
          </Text>
          <Button
            onClick={() => {
              reset();
              void router.invalidate();
            }}
          >
            Try again
          </Button>
        </Stack>
      </div>
    </main>
  );
}

/** Stands at addresses that are no view. */
export function NotFoundPage(): ReactElement {
  return (
    <main className="fw-login">
      <title>Not found · Fleetwire</title>
      <div className="fw-card fw-empty">
        <Stack gap="md" align="center">
          <Title order={1} size="h3">
            There is no such page
          </Title>
          <Link to="/" style={{ color: 'var(--fw-line)' }}>
            Go to the overview
          </Link>
        </Stack>
      </div>
    </main>
  );
}
