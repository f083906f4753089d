import { useEffect, useRef, useState, type ReactElement } from 'react';
import { Button, FileButton, Group, Text, Textarea } from '@mantine/core';
import { Icon } from '../../../ui/icons.tsx';
import type { AddForm } from './add-form.ts';

/** More than the server takes; a kubeconfig has a few kilobytes for each cluster. */
const maxFileBytes = 1024 * 1024;

/** Where a kubeconfig comes from: a file that is chosen or dropped anywhere on the page, or the clipboard. */
export function KubeconfigSource(props: {
  readonly form: AddForm;
  readonly disabled: boolean;
  /** Without an origin the text is being written. */
  readonly onText: (text: string, origin: string | undefined) => void;
  readonly onEdit: () => void;
}): ReactElement {
  const { form, disabled, onText, onEdit } = props;
  const [fileProblem, setFileProblem] = useState<string>();
  /** The file that is being read; undefined once something else was entered. */
  const latest = useRef<File>(undefined);
  const resetChooser = useRef<() => void>(null);
  const takeFile = (file: File): void => {
    latest.current = file;
    setFileProblem(undefined);
    if (file.size > maxFileBytes) {
      setFileProblem(`“${file.name}” is too large for a kubeconfig.`);
      return;
    }
    file.text().then(
      (text) => {
        if (latest.current === file) onText(text, file.name);
      },
      () => {
        if (latest.current === file) setFileProblem(`“${file.name}” cannot be read.`);
      },
    );
  };
  const isOver = useDroppedFile(disabled, takeFile);
  const chooser = (
    <FileButton
      disabled={disabled}
      resetRef={resetChooser}
      onChange={(file) => {
        if (file === null) return;
        takeFile(file);
        // The same file may be chosen again, after it was changed.
        resetChooser.current?.();
      }}
    >
      {({ onClick }) => (
        <Button variant="default" size="sm" onClick={onClick} disabled={disabled}>
          Choose a file
        </Button>
      )}
    </FileButton>
  );
  const problem =
    fileProblem === undefined ? null : (
      <Text size="sm" role="alert" className="fw-reason">
        {fileProblem}
      </Text>
    );
  if (form.origin !== undefined) {
    return (
      <div className="fw-drop" data-over={isOver} data-testid="source">
        <Group gap="sm" justify="space-between">
          <Text fw={600} size="sm" className="fw-origin">
            {form.origin}
          </Text>
          <Group gap="xs">
            <Button variant="default" size="sm" disabled={disabled} onClick={onEdit}>
              Edit
            </Button>
            {chooser}
          </Group>
        </Group>
        {problem}
      </div>
    );
  }
  return (
    <>
      <div className="fw-drop" data-over={isOver} data-testid="source">
        <Group gap="sm">
          <Icon name="inbox" />
          <Text size="sm">Drop a file here, or</Text>
          {chooser}
        </Group>
        {problem}
      </div>
      <Textarea
        label="Or paste a kubeconfig"
        description={
          <>
            <code>kubectl config view --flatten --minify</code> prints the current context with all that it needs.
          </>
        }
        classNames={{ input: 'fw-kubeconfig' }}
        rows={8}
        wrap="off"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        autoFocus
        data-autofocus
        disabled={disabled}
        value={form.text}
        error={errorOf(form)}
        onChange={({ currentTarget, nativeEvent }) => {
          latest.current = undefined;
          setFileProblem(undefined);
          // What was pasted holds credentials: it is not for whoever looks at the screen, too.
          const isPasted =
            form.text.trim() === '' &&
            nativeEvent instanceof InputEvent &&
            nativeEvent.inputType.startsWith('insertFromPaste');
          onText(currentTarget.value, isPasted ? 'Pasted text' : undefined);
        }}
      />
    </>
  );
}

function errorOf({ reading }: AddForm): string | undefined {
  if (reading.status !== 'unreadable') return undefined;
  return reading.line === undefined ? `${reading.message}.` : `Line ${String(reading.line)}: ${reading.message}.`;
}

/** Takes files that are dropped anywhere: beside its target, a browser would leave the page for the file. */
function useDroppedFile(disabled: boolean, take: (file: File) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef({ disabled, take });
  useEffect(() => {
    latest.current = { disabled, take };
  });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(false);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined && !latest.current.disabled) latest.current.take(file);
    };
    addEventListener('dragover', over, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('drop', drop, { signal });
    return () => {
      controller.abort();
    };
  }, []);
  return isOver;
}
