import type { ReactElement, ReactNode } from 'react';
import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { Icon, type IconName } from './icons.tsx';

/** Stands where content would: nothing there, a failure, a refusal. */
export function StateView(props: {
  readonly kind: 'empty' | 'error' | 'denied';
  readonly title: string;
  /** It is all that there is on its page, so that its title is the page's heading. */
  readonly isPage?: boolean;
  readonly children?: ReactNode;
  readonly icon?: IconName;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}): ReactElement {
  const { kind, title, isPage = false, children, icon = stateIcons[kind], action } = props;
  return (
    <div className="fw-state" data-kind={kind} role={kind === 'empty' ? 'status' : 'alert'} data-testid="state">
      <Stack gap="xs" align="center" maw={460}>
        <span className="fw-state-icon">
          <Icon name={icon} size={26} />
        </span>
        <Text fw={620} m={0} component={isPage ? 'h1' : 'p'}>
          {title}
        </Text>
        {children === undefined ? null : (
          <Text size="sm" c="dimmed" component="div">
            {children}
          </Text>
        )}
        {action === undefined ? null : (
          <Button variant="default" mt={6} onClick={action.run}>
            {action.label}
          </Button>
        )}
      </Stack>
    </div>
  );
}

const stateIcons = { empty: 'inbox', error: 'alert', denied: 'lock' } as const;

/** Lines that stand for rows which have not come yet; `label` says what is loading. */
export function LoadingRows({ rows = 8, label = 'Loading' }: { readonly rows?: number; readonly label?: string }) {
  return (
    <div role="status" aria-busy="true" aria-label={label} data-testid="loading">
      {Array.from({ length: rows }, (_, index) => (
        <Group key={index} gap="lg" wrap="nowrap" className="fw-loading-row">
          <Skeleton height={12} width={`${String(22 + ((index * 7) % 14))}%`} />
          <Skeleton height={12} width={`${String(10 + ((index * 5) % 8))}%`} />
          <Skeleton height={12} width={`${String(14 + ((index * 11) % 12))}%`} />
          <Skeleton height={12} width="8%" />
        </Group>
      ))}
    </div>
  );
}
