import { useEffect, useId, useRef, useState, type ReactElement } from 'react';
import { Button, Group, Text, useComputedColorScheme } from '@mantine/core';
import type { KubeWatchClient } from '@fleetwire/kube-watch/client';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';
import type { AuthSession } from '../../../../auth/auth-session.ts';
import { useAuthSession } from '../../../../auth/auth-context.ts';
import { explainRefusal, openExecSocket, type ExecTarget } from './exec-socket.ts';
import { createExecSession, type ExecSession, type ExecState } from './exec-session.ts';
import { createTerminalScreen, type TerminalScreen } from './terminal-screen.ts';
import { describeState } from './terminal-text.ts';

/** A terminal with a shell in one container. Another target is another terminal: give it a key. */
export function TerminalView({ target }: { readonly target: ExecTarget }): ReactElement {
  const client = useKubeWatchClient();
  const auth = useAuthSession();
  const scheme = useComputedColorScheme('light');
  const host = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const live = useRef<LiveTerminal>(undefined);
  const [state, setState] = useState<ExecState>({ kind: 'connecting' });
  const hintId = useId();
  const { cluster, namespace, pod, container } = target;

  useEffect(() => {
    if (host.current === null) return;
    const created = createLiveTerminal({
      host: host.current,
      hintId,
      target: { cluster, namespace, pod, container },
      client,
      auth,
      onState: setState,
      onLeave: () => button.current?.focus(),
    });
    live.current = created;
    return () => {
      live.current = undefined;
      created.dispose();
    };
  }, [cluster, namespace, pod, container, client, auth, hintId]);
  useEffect(() => {
    live.current?.screen.setTheme(scheme);
    // A new terminal has no theme yet.
  }, [scheme, cluster, namespace, pod, container, client, auth, hintId]);

  const isEnded = state.kind === 'ended';
  return (
    <>
      <Group gap="sm" p="sm" align="center">
        <Text size="sm" role="status" data-testid="terminal-state" style={{ overflowWrap: 'anywhere' }}>
          {describeState(state, container)}
        </Text>
        <Button
          ref={button}
          size="compact-sm"
          variant={isEnded ? 'filled' : 'default'}
          ml="auto"
          onClick={() => {
            if (isEnded) live.current?.connect();
            else live.current?.hangUp();
          }}
        >
          {isEnded ? 'Reconnect' : 'Disconnect'}
        </Button>
      </Group>
      <div className="fw-terminal" data-ended={isEnded}>
        <div ref={host} className="fw-terminal-host" />
      </div>
      <Text id={hintId} size="xs" c="dimmed" px="sm" py={6}>
        Shift+F6 leaves the terminal by keyboard. Ctrl+C copies what is selected, else it interrupts; Ctrl+V pastes.
      </Text>
    </>
  );
}

interface LiveTerminal {
  readonly screen: TerminalScreen;
  /** Starts a shell, in place of the one before. */
  connect(): void;
  /** Ends the shell by the user's wish. */
  hangUp(): void;
  dispose(): void;
}

function createLiveTerminal(options: {
  readonly host: HTMLElement;
  readonly hintId: string;
  readonly target: ExecTarget;
  readonly client: KubeWatchClient;
  readonly auth: AuthSession;
  readonly onState: (state: ExecState) => void;
  readonly onLeave: () => void;
}): LiveTerminal {
  const { host, hintId, target, client, auth, onState, onLeave } = options;
  let session: ExecSession | undefined;
  let size: readonly [columns: number, rows: number] = [80, 24];
  const screen = createTerminalScreen(host, {
    label: `Terminal in ${target.container} of ${target.pod}`,
    hintId,
    onText: (text) => session?.sendText(text),
    onBinary: (binary) => session?.sendBinary(binary),
    onSize: (columns, rows) => {
      size = [columns, rows];
      session?.resize(columns, rows);
    },
    onLeave,
  });
  const connect = (): void => {
    if (session !== undefined) screen.startOver();
    session?.dispose();
    const started = createExecSession({
      open: async (shell) => openExecSocket(target, shell, await auth.token()),
      explain: () => explainRefusal(client, target),
      onOutput: (bytes) => {
        screen.write(bytes);
      },
      onState,
    });
    started.resize(...size);
    session = started;
    screen.focus();
  };
  connect();
  return {
    screen,
    connect,
    hangUp() {
      session?.dispose();
      onState({ kind: 'ended', outcome: { kind: 'left' } });
    },
    dispose() {
      session?.dispose();
      screen.dispose();
    },
  };
}
