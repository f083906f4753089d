import { useState, type ReactElement } from 'react';
import { Button, Group, NumberInput, Text, Tooltip } from '@mantine/core';
import type { ApiResource, KubeResource } from '@fleetwire/kube-watch';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';
import { deleteObject, restartObject, scaleObject } from '../../../kube/object-writes.ts';
import { usePermission } from '../../../live/use-permissions.ts';
import { PluginActions } from '../../../plugins/PluginActions.tsx';
import { targetsOf } from '../../../plugins/plugin-targets.ts';
import { ConfirmDialog } from '../../../ui/ConfirmDialog.tsx';
import { formatCount } from '../../../ui/format.ts';
import { Icon, type IconName } from '../../../ui/icons.tsx';
import type { Toast } from '../../../ui/toasts/toast-store.ts';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import type { ListRow } from '../rows/list-row.ts';
import { actionsOf, forEachRow, seenIn, whyNot, type BulkAction, type BulkOutcome } from './bulk-actions.ts';

const words: Readonly<Record<BulkAction, { readonly verb: string; readonly done: string; readonly icon: IconName }>> = {
  delete: { verb: 'Delete', done: 'Deleted', icon: 'trash' },
  restart: { verb: 'Restart', done: 'Restarted', icon: 'restart' },
  scale: { verb: 'Scale', done: 'Scaled', icon: 'scale' },
};

/** Failures that a toast names; the rest is counted. */
const maxNamed = 3;

/** What can be done with the selected rows. */
export function BulkBar(props: {
  readonly rows: readonly ListRow[];
  /** How many more are selected that the filter hides; nothing is done with them. */
  readonly hidden: number;
  readonly resource: KubeResource;
  /** Of the list, in the plural. */
  readonly title: string;
  readonly kind: ApiResource | undefined;
  readonly onClear: () => void;
}): ReactElement {
  const { rows, hidden, resource, title, kind, onClear } = props;
  // What plugins do, they do with one object.
  const [only] = rows;
  const client = useKubeWatchClient();
  const mayWrite = usePermission('kube.write');
  const [asked, setAsked] = useState<{ readonly action: BulkAction; readonly rows: readonly ListRow[] }>();
  const [replicas, setReplicas] = useState<number>();

  const act = (action: BulkAction, row: ListRow): Promise<unknown> => {
    const seen = seenIn(row, resource);
    switch (action) {
      case 'delete':
        return deleteObject(client, seen);
      case 'restart':
        return restartObject(client, seen, new Date().toISOString());
      case 'scale':
        return scaleObject(client, seen, replicas ?? 0);
    }
  };
  const run = async (action: BulkAction, chosen: readonly ListRow[]): Promise<void> => {
    const showToast = beginToasts();
    const outcome = await forEachRow(chosen, (row) => act(action, row));
    showToast(toastOf(words[action].done, title, chosen, outcome));
    if (outcome.failures.length === 0) onClear();
  };

  return (
    <Group gap={8} className="fw-bulk" role="toolbar" aria-label="Selected rows" data-testid="bulk">
      <Text size="sm" fw={600} className="fw-numbers">
        {formatCount(rows.length)} selected
      </Text>
      {hidden === 0 ? null : (
        <Text size="sm" c="dimmed" className="fw-numbers">
          and {formatCount(hidden)} that the filter hides
        </Text>
      )}
      {actionsOf(resource, kind).map((action) => {
        const reason = whyNot(action, resource, kind, mayWrite);
        return (
          <Tooltip key={action} label={reason} disabled={reason === undefined}>
            <Button
              size="xs"
              variant="default"
              leftSection={<Icon name={words[action].icon} size={14} />}
              // Stays focusable, so that the reason can be read.
              {...(reason === undefined ? {} : { 'data-disabled': true, 'aria-disabled': true })}
              onClick={() => {
                if (reason === undefined) setAsked({ action, rows });
              }}
            >
              {words[action].verb}
            </Button>
          </Tooltip>
        );
      })}
      {only === undefined || rows.length > 1 ? null : (
        <PluginActions
          size="xs"
          targets={targetsOf(resource)}
          target={{ object: only.object, cluster: only.cluster }}
        />
      )}
      <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
      {asked === undefined ? null : (
        <ConfirmDialog
          title={`${words[asked.action].verb} ${whatOf(asked.rows, title)}?`}
          names={asked.rows.map(nameOf)}
          action={words[asked.action].verb}
          isDestructive={asked.action === 'delete'}
          typed={asked.action === 'delete' && asked.rows.length > 1 ? `delete ${whatOf(asked.rows, title)}` : undefined}
          canRun={asked.action !== 'scale' || replicas !== undefined}
          run={() => run(asked.action, asked.rows)}
          onClose={() => {
            setAsked(undefined);
          }}
        >
          {asked.action === 'delete' ? (
            <Text size="sm">What is deleted is gone, and so is what belongs to it.</Text>
          ) : null}
          {asked.action === 'restart' ? (
            <Text size="sm">Their pods are replaced one after the other, by the rules of each rollout.</Text>
          ) : null}
          {asked.action === 'scale' ? (
            <NumberInput
              label="Replicas"
              min={0}
              allowDecimal={false}
              allowNegative={false}
              clampBehavior="strict"
              max={10_000}
              value={replicas ?? ''}
              onChange={(value) => {
                setReplicas(typeof value === 'number' ? value : undefined);
              }}
              data-autofocus
            />
          ) : null}
        </ConfirmDialog>
      )}
    </Group>
  );
}

function nameOf({ cluster, object }: ListRow): string {
  const { namespace, name } = object.metadata;
  return `${namespace === undefined ? '' : `${namespace}/`}${name} in ${cluster}`;
}

function whatOf(rows: readonly ListRow[], title: string): string {
  return rows.length === 1 ? (rows[0]?.object.metadata.name ?? '') : `${String(rows.length)} ${title.toLowerCase()}`;
}

function toastOf(done: string, title: string, rows: readonly ListRow[], outcome: BulkOutcome): Omit<Toast, 'id'> {
  const { failures } = outcome;
  if (failures.length === 0) return { tone: 'good', title: `${done} ${whatOf(rows, title)}` };
  const named = failures.slice(0, maxNamed).map(({ name, message }) => `${name}: ${message}`);
  const more = failures.length > maxNamed ? [`and ${String(failures.length - maxNamed)} more`] : [];
  return {
    tone: 'bad',
    title: `${done} ${String(outcome.done)} of ${String(rows.length)}`,
    message: [...named, ...more].join('\n'),
  };
}
