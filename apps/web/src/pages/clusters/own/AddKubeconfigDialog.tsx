import { useEffect, useMemo, useRef, useState, type ReactElement, type SyntheticEvent } from 'react';
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useAuthSession } from '../../../auth/auth-context.ts';
import { ConfirmDialog } from '../../../ui/ConfirmDialog.tsx';
import { StateView } from '../../../ui/StateViews.tsx';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { candidatesOf, editText, emptyForm, nameCluster, namedContexts, pick, refuse, takeText } from './add-form.ts';
import { ContextList } from './ContextList.tsx';
import { KubeconfigSource } from './KubeconfigSource.tsx';
import { writeKubeconfig } from './kubeconfig-text.ts';
import { problemsOfNames } from './name-problems.ts';
import { addOwnClusters } from './own-clusters-api.ts';
import type { ServerProblems } from './server-problems.ts';
import { useRefreshOwnClusters } from './use-own-clusters.ts';

/**
 * Brings clusters of a kubeconfig. What is entered is held by this component alone, for it holds credentials, and is
 * gone when it closes.
 */
export function AddKubeconfigDialog(props: {
  /** Names that are not free. */
  readonly taken: ReadonlySet<string>;
  /** Whether the operator lets users bring clusters. */
  readonly isEnabled: boolean;
  readonly onClose: () => void;
}): ReactElement {
  const { taken, isEnabled, onClose } = props;
  const session = useAuthSession();
  const refresh = useRefreshOwnClusters();
  const [form, setForm] = useState(emptyForm);
  const [isSending, setIsSending] = useState(false);
  const [isLeaving, setIsLeaving] = useState(false);
  const sending = useRef<AbortController>(undefined);
  useEffect(
    () => () => {
      sending.current?.abort();
    },
    [],
  );
  const candidates = useMemo(() => candidatesOf(form), [form]);
  const named = namedContexts(candidates);
  const nameProblems = problemsOfNames(named, taken);
  const canSend = named.length > 0 && nameProblems.size === 0;

  const send = async (): Promise<void> => {
    const showToast = beginToasts();
    const controller = new AbortController();
    sending.current = controller;
    setIsSending(true);
    const chosen = candidates.filter(({ isPicked }) => isPicked).map(({ context }) => context);
    try {
      await addOwnClusters(session, writeKubeconfig(chosen), named, controller.signal);
    } catch (error) {
      if (controller.signal.aborted) {
        // The server may have added them all the same.
        refresh();
        return;
      }
      setForm(refuse(form, named, (error as Error).message));
      setIsSending(false);
      return;
    }
    refresh();
    if (controller.signal.aborted) return;
    const [first] = named;
    const what = named.length === 1 ? (first?.name ?? '') : `${String(named.length)} clusters`;
    showToast({ tone: 'good', title: `Added ${what}`, message: 'Nobody else sees what you add.' });
    onClose();
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (canSend && !isSending) void send();
  };
  const holdsText = form.text !== '';
  const close = (): void => {
    if (holdsText || isSending) setIsLeaving(true);
    else onClose();
  };
  const modal = { opened: true, onClose: close, title: 'Add kubeconfig', size: 620, closeButtonProps } as const;
  if (!isEnabled) {
    return (
      <Modal {...modal}>
        <StateView kind="denied" title="This server takes no clusters of users">
          Whoever runs it can change that, with <code>ownClusterNetworks</code>.
        </StateView>
      </Modal>
    );
  }
  return (
    <Modal
      {...modal}
      // A click beside it is too little to ask for.
      closeOnClickOutside={!holdsText}
      closeOnEscape={!isLeaving}
    >
      {isLeaving ? (
        <ConfirmDialog
          title={isSending ? 'Leave before the server has answered?' : 'Leave without adding?'}
          names={named.map(({ name }) => name)}
          action="Leave"
          isDestructive
          run={() => Promise.resolve(onClose())}
          onClose={() => {
            setIsLeaving(false);
          }}
        >
          {isSending ? 'They may be added all the same.' : 'What you entered is lost.'}
        </ConfirmDialog>
      ) : null}
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            Its clusters are yours: nobody else sees them. The server keeps the credentials of those that you choose,
            encrypted; the rest of the file stays in this tab.
          </Text>
          <Refused problems={form.problems} />
          <KubeconfigSource
            form={form}
            disabled={isSending}
            onText={(text, origin) => {
              setForm((before) => takeText(before, text, origin));
            }}
            onEdit={() => {
              setForm(editText);
            }}
          />
          {candidates.length === 0 ? null : (
            <ContextList
              candidates={candidates}
              disabled={isSending}
              nameProblems={nameProblems}
              refused={form.problems.byContext}
              takesFocus={form.origin !== undefined}
              onPick={(contexts, isPicked) => {
                setForm((before) => pick(before, contexts, isPicked));
              }}
              onName={(context, name) => {
                setForm((before) => nameCluster(before, context, name));
              }}
            />
          )}
          <Group justify="flex-end" gap="sm" className="fw-dialog-actions">
            {candidates.length > 0 && !canSend ? (
              <Text size="sm" mr="auto">
                {named.length === 0 ? 'Nothing is chosen.' : 'Change the name that is marked.'}
              </Text>
            ) : null}
            <Button variant="default" onClick={isSending ? close : onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!canSend} loading={isSending}>
              {named.length > 1 ? `Add ${String(named.length)} clusters` : 'Add cluster'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const closeButtonProps = { 'aria-label': 'Close' };

/** What the server said of the whole; what it said of single contexts stands with them. */
function Refused({ problems: { general, byContext } }: { readonly problems: ServerProblems }): ReactElement | null {
  const ref = useRef<HTMLDivElement>(null);
  const isRefused = general.length > 0 || byContext.size > 0;
  useEffect(() => {
    if (isRefused) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [isRefused, general]);
  if (!isRefused) return null;
  return (
    <Alert
      ref={ref}
      className="fw-add-error"
      color="red"
      title="Nothing was added"
      role="alert"
      data-testid="add-error"
    >
      {general.length === 0
        ? 'The server says below what it does not take.'
        : general.map((problem) => <div key={problem}>{problem}</div>)}
    </Alert>
  );
}
