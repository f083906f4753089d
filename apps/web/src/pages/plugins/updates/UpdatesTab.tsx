import { useState, type ReactElement } from 'react';
import { Button, Group, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { PluginUpdateList } from '@fleetwire/plugin-manager';
import { formatAgo } from '../../../ui/format.ts';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { useNow } from '../../../ui/use-now.ts';
import { usePluginsApi } from '../api/use-plugins-api.ts';
import { folderOfId } from '../plugin-address.ts';
import { changeSearch } from '../plugins-search.ts';
import { whySilent } from '../source-words.ts';
import { runningOf } from '../operations/operations-state.ts';
import { useOperations } from '../operations/operations-store.ts';
import { UpdateItem } from './UpdateItem.tsx';
import { groupUnknown, sortUpdates } from './update-list.ts';

const route = getRouteApi('/frame/plugins');

/** What can be updated, and what is left alone and why. */
export function UpdatesTab(props: {
  readonly answer: UseQueryResult<PluginUpdateList>;
  readonly updates: PluginUpdateList | undefined;
  /** Why what is installed is not known, and so not what could be updated. */
  readonly listError: Error | null;
  /** Whether any is installed. */
  readonly hasPlugins: boolean;
  readonly nameOf: (pluginId: string) => string;
  readonly onRetry: () => void;
}): ReactElement {
  const { answer, updates, listError, hasPlugins, nameOf, onRetry } = props;
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const running = new Set(runningOf(useOperations()).map(({ listed }) => listed.pluginId));
  if (updates === undefined) {
    const error = answer.error ?? listError;
    return (
      <div className="fw-card fw-flush">
        {error === null ? (
          <LoadingRows rows={3} label="Asking for updates" />
        ) : (
          <StateView kind="error" title="Updates cannot be shown" action={{ label: 'Try again', run: onRetry }}>
            {error.message}
          </StateView>
        )}
      </div>
    );
  }
  const { available, pinned, unknown, upToDateCount } = sortUpdates(updates);
  const waiting = available.filter(({ id }) => !running.has(id));
  return (
    <>
      <Group justify="space-between">
        {!hasPlugins || answer.dataUpdatedAt === 0 ? null : <Checked answer={answer} count={available.length} />}
        {waiting.length < 2 ? null : <UpdateAll count={waiting.length} nameOf={nameOf} />}
      </Group>
      <div className="fw-card fw-flush">
        {!hasPlugins ? (
          <StateView kind="empty" icon="plugin" title="No plugin is installed">
            So there is nothing to update.
          </StateView>
        ) : available.length === 0 ? (
          <StateView
            kind="empty"
            icon="check"
            title={unknown.length === 0 ? 'Everything is up to date' : 'No update is known'}
          >
            {upToDateCount === 0 ? undefined : `${String(upToDateCount)} looked at.`}
          </StateView>
        ) : (
          <ul className="fw-plugins" aria-label="Updates">
            {available.map((update) => (
              <UpdateItem
                key={update.id}
                update={update}
                title={nameOf(update.id)}
                isBusy={running.has(update.id)}
                isOpen={open === update.id}
                onToggle={() => {
                  const next = open === update.id ? undefined : update.id;
                  void navigate({ search: (search) => changeSearch(search, { open: next }), replace: true });
                }}
              />
            ))}
          </ul>
        )}
      </div>
      {pinned.length === 0 ? null : (
        <Text size="sm" data-testid="pinned">
          Pinned, so left alone: <Names ids={pinned.map(({ id }) => id)} nameOf={nameOf} />
        </Text>
      )}
      {groupUnknown(unknown).map(({ source, ids, failure }) => (
        <p key={ids[0]} className="fw-notice" data-tone="bad" role="status" style={{ margin: 0 }}>
          <span className="fw-anywhere">
            {source === undefined ? (
              <>
                No update of <strong>{ids.map((id) => nameOf(id)).join(', ')}</strong> can be offered: {failure.message}{' '}
                ({failure.code})
              </>
            ) : (
              <>
                The source <strong>{source}</strong> did not answer: {whySilent(failure)}. So nothing is known of
                updates of <Names ids={ids} nameOf={nameOf} />.
              </>
            )}
          </span>
        </p>
      ))}
    </>
  );
}

function Checked({ answer, count }: { readonly answer: UseQueryResult; readonly count: number }): ReactElement {
  const now = useNow();
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed" className="fw-numbers" role="status">
        {count === 1 ? '1 update' : `${String(count)} updates`}, asked {formatAgo(now - answer.dataUpdatedAt)}
      </Text>
      <Button variant="default" size="compact-sm" loading={answer.isFetching} onClick={() => void answer.refetch()}>
        Ask again
      </Button>
    </Group>
  );
}

function UpdateAll(props: { readonly count: number; readonly nameOf: (id: string) => string }): ReactElement {
  const { count, nameOf } = props;
  const api = usePluginsApi();
  const [isSending, setIsSending] = useState(false);
  const updateAll = async (): Promise<void> => {
    const showToast = beginToasts();
    setIsSending(true);
    try {
      const { failures } = await api.updateAll();
      if (failures.length > 0) {
        const message = failures.map(({ id, failure }) => `${nameOf(id)}: ${failure.message}`).join('; ');
        showToast({ tone: 'bad', title: 'Not all could be asked for updates', message });
      }
    } catch (error) {
      showToast({ tone: 'bad', title: 'Nothing was updated', message: (error as Error).message });
    }
    setIsSending(false);
  };
  return (
    <Button size="xs" loading={isSending} onClick={() => void updateAll()}>
      Update all {count}
    </Button>
  );
}

function Names(props: { readonly ids: readonly string[]; readonly nameOf: (id: string) => string }): ReactElement {
  return (
    <>
      {props.ids.map((id, index) => (
        <span key={id}>
          {index === 0 ? '' : ', '}
          <Link to="/plugins/$id" params={{ id: folderOfId(id) }} className="fw-link">
            {props.nameOf(id)}
          </Link>
        </span>
      ))}
    </>
  );
}
