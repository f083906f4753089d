import { useState, type ReactElement } from 'react';
import { Button, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ApiError } from '../../../auth/auth-session.ts';
import { isStale } from '../../../ui/ChannelNotice.tsx';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { usePluginsApi } from '../api/use-plugins-api.ts';
import { folderOfId } from '../plugin-address.ts';
import { bytesOf, doingOf, phaseOf } from './operation-words.ts';
import type { ListedOperation } from './operations-state.ts';
import { useOperationView } from './use-operation-view.ts';

/** An operation that runs: how far it is, and a way to call it off. */
export function OperationRow(props: {
  readonly operation: ListedOperation;
  /** What the plugin is called. */
  readonly name: string;
}): ReactElement {
  const { operation, name } = props;
  const { channel, view } = useOperationView(operation.id);
  const api = usePluginsApi();
  const [isCancelling, setIsCancelling] = useState(false);

  const cancel = async (): Promise<void> => {
    const showToast = beginToasts();
    setIsCancelling(true);
    try {
      await api.cancel(operation.id);
    } catch (error) {
      setIsCancelling(false);
      // It ended before it could be called off: its own end is told.
      if (error instanceof ApiError && error.code === 'NOT_FOUND') return;
      showToast({ tone: 'bad', title: 'It was not cancelled', message: (error as Error).message });
    }
  };
  const label = `${doingOf(operation.action)} ${name}`;
  const percentage = Math.round(view?.percentage ?? 0);
  const bytes = bytesOf(view?.bytes);
  const step = isCancelling ? 'Cancelling' : phaseOf(view ?? operation);
  return (
    <li className="fw-operation" data-stale={isStale(channel)} data-testid={`operation-${operation.pluginId}`}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm" className="fw-anywhere">
          {doingOf(operation.action)}{' '}
          <Link to="/plugins/$id" params={{ id: folderOfId(operation.pluginId) }} className="fw-link">
            {name}
          </Link>
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`Cancel: ${label}`}
          disabled={isCancelling}
          onClick={() => void cancel()}
        >
          Cancel
        </Button>
      </Group>
      <div
        className="fw-progress"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percentage}
        aria-valuetext={`${step}, ${String(percentage)} %`}
      >
        <span style={{ width: `${String(percentage)}%` }} />
      </div>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm" className="fw-numbers">
        <Text size="sm" c="dimmed">
          {step}
          {bytes === '' ? '' : ` · ${bytes}`}
        </Text>
        <Text size="sm" c="dimmed" className="fw-unbroken">
          {percentage} %
        </Text>
      </Group>
    </li>
  );
}
