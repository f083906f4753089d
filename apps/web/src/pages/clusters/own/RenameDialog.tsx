import { useState, type ReactElement, type SyntheticEvent } from 'react';
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useAuthSession } from '../../../auth/auth-context.ts';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { problemOfName } from './name-problems.ts';
import { renameOwnCluster, type OwnCluster } from './own-clusters-api.ts';
import { useRefreshOwnClusters } from './use-own-clusters.ts';

/** Asks what a cluster that the user brought is to be called. */
export function RenameDialog(props: {
  readonly cluster: OwnCluster;
  /** Names that are not free. */
  readonly taken: ReadonlySet<string>;
  readonly onClose: () => void;
}): ReactElement {
  const { cluster, taken, onClose } = props;
  const session = useAuthSession();
  const refresh = useRefreshOwnClusters();
  const [text, setText] = useState(cluster.name);
  const [refusal, setRefusal] = useState<string>();
  const [isSaving, setIsSaving] = useState(false);
  const name = text.trim();
  const isSame = name === cluster.name;
  const problem = isSame ? undefined : problemOfName(text, taken);

  const save = async (): Promise<void> => {
    const showToast = beginToasts();
    setIsSaving(true);
    try {
      await renameOwnCluster(session, cluster.id, name);
      showToast({ tone: 'good', title: `${cluster.name} is called ${name} now` });
      refresh();
      onClose();
    } catch (error) {
      setRefusal((error as Error).message);
      setIsSaving(false);
    }
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (problem === undefined && !isSaving && !isSame) void save();
  };
  return (
    <Modal opened onClose={onClose} title="Rename cluster" closeButtonProps={{ 'aria-label': 'Close' }} centered>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            description="Addresses of lists that you have kept hold the old name."
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={text}
            error={refusal ?? problem}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setRefusal(undefined);
            }}
          />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isSaving} disabled={problem !== undefined || isSame}>
              Rename
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
