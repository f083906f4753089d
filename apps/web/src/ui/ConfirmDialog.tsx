import { useState, type ReactElement, type ReactNode, type SyntheticEvent } from 'react';
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';

/** Names that are listed one by one; the rest is counted. */
const maxListed = 8;

/**
 * Asks before something is done that cannot be undone, and names what it is done to. With `typed`, that must be typed
 * first; a destructive action without it begins at Cancel, so that no key too many does it. Closes by itself once `run` has resolved; `run` reports its own failures.
 */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly children?: ReactNode;
  /** What it is done to. */
  readonly names: readonly string[];
  readonly action: string;
  readonly isDestructive?: boolean;
  readonly typed?: string | undefined;
  readonly canRun?: boolean;
  readonly run: () => Promise<void>;
  readonly onClose: () => void;
}): ReactElement {
  const { title, children, names, action, isDestructive = false, typed, canRun = true, run, onClose } = props;
  const [text, setText] = useState('');
  const [isRunning, setIsRunning] = useState(false);
  const mayRun = canRun && (typed === undefined || text.trim() === typed);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (!mayRun || isRunning) return;
    setIsRunning(true);
    void run().finally(onClose);
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }} centered>
      <form onSubmit={submit}>
        <Stack gap="md">
          {children}
          <ul className="fw-names" data-testid="confirm-names">
            {names.slice(0, maxListed).map((name) => (
              <li key={name}>{name}</li>
            ))}
            {names.length > maxListed ? <li>and {names.length - maxListed} more</li> : null}
          </ul>
          {typed === undefined ? null : (
            <TextInput
              label={
                <>
                  Type <strong>{typed}</strong> to go on
                </>
              }
              autoComplete="off"
              spellCheck={false}
              value={text}
              data-autofocus
              onChange={(event) => {
                setText(event.currentTarget.value);
              }}
            />
          )}
          <Group justify="flex-end" gap="sm">
            <Button
              variant="default"
              onClick={onClose}
              {...(typed === undefined && isDestructive ? { 'data-autofocus': true } : {})}
            >
              Cancel
            </Button>
            <Button
              type="submit"
              {...(isDestructive ? { color: 'red' } : {})}
              disabled={!mayRun}
              loading={isRunning}
              {...(typed === undefined && !isDestructive ? { 'data-autofocus': true } : {})}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
