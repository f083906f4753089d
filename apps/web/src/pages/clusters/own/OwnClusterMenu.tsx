import { useRef, useState, type ReactElement } from 'react';
import { ActionIcon, Menu } from '@mantine/core';
import { useAuthSession } from '../../../auth/auth-context.ts';
import { ConfirmDialog } from '../../../ui/ConfirmDialog.tsx';
import { Icon } from '../../../ui/icons.tsx';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { removeOwnCluster, type OwnCluster } from './own-clusters-api.ts';
import { RenameDialog } from './RenameDialog.tsx';
import { useRefreshOwnClusters } from './use-own-clusters.ts';

/** What a user can do to a cluster that they brought. */
export function OwnClusterMenu(props: {
  readonly cluster: OwnCluster;
  readonly taken: ReadonlySet<string>;
  /** It was removed, and its card with this menu goes: the focus belongs elsewhere. */
  readonly onRemoved: () => void;
}): ReactElement {
  const { cluster, taken, onRemoved } = props;
  const session = useAuthSession();
  const refresh = useRefreshOwnClusters();
  const [open, setOpen] = useState<'rename' | 'remove'>();
  const ref = useRef<HTMLButtonElement>(null);
  const isRemoved = useRef(false);
  const close = (): void => {
    setOpen(undefined);
    if (isRemoved.current) onRemoved();
    else ref.current?.focus();
  };
  const remove = async (): Promise<void> => {
    const showToast = beginToasts();
    try {
      await removeOwnCluster(session, cluster.id);
      isRemoved.current = true;
      showToast({ tone: 'good', title: `${cluster.name} was removed` });
    } catch (error) {
      showToast({ tone: 'bad', title: `${cluster.name} was not removed`, message: (error as Error).message });
    }
    refresh();
  };
  return (
    <>
      <Menu position="bottom-end" width={160} transitionProps={{ duration: 0 }} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon
            ref={ref}
            className="fw-own-menu"
            variant="subtle"
            color="gray"
            size={30}
            aria-label={`Actions for ${cluster.name}`}
          >
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() => {
              setOpen('rename');
            }}
          >
            Rename
          </Menu.Item>
          <Menu.Item
            c="error"
            onClick={() => {
              setOpen('remove');
            }}
          >
            Remove
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === 'rename' ? <RenameDialog cluster={cluster} taken={taken} onClose={close} /> : null}
      {open === 'remove' ? (
        <ConfirmDialog
          title="Remove cluster"
          names={[cluster.name]}
          action="Remove"
          isDestructive
          run={remove}
          onClose={close}
        >
          It goes from your clusters, and its credentials from the server. Nothing happens in the cluster itself.
        </ConfirmDialog>
      ) : null}
    </>
  );
}
