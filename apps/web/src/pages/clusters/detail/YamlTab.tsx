import { useMemo, useState, type ReactElement } from 'react';
import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import type { KubeObject, KubeWatchError } from '@fleetwire/kube-watch';
import type { ObjectRef } from '@fleetwire/kube-watch/client';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';
import { applyObject } from '../../../kube/object-writes.ts';
import { ConfirmDialog } from '../../../ui/ConfirmDialog.tsx';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { conflictsOf, keptFields, type FieldConflict } from './apply-outcome.ts';
import { editablePart, isSameEditable, parseEdited, toEditableYaml, writeYaml } from './object-yaml.ts';
import { YamlDifference } from './YamlDifference.tsx';
import { YamlEditor } from './YamlEditor.tsx';
import { YamlReader } from './YamlReader.tsx';

/** What the tab is doing. `base` is what the edit began from, so that a change on the server meanwhile shows. */
type Mode =
  | { readonly kind: 'reading' }
  | { readonly kind: 'editing'; readonly base: KubeObject; readonly text: string }
  /** `after` is the text as the server will take it: without comments, in the usual form. */
  | { readonly kind: 'reviewing'; readonly base: KubeObject; readonly text: string; readonly after: string };

/** Why the last apply did not go through. */
type Failure =
  | { readonly kind: 'text'; readonly message: string; readonly line: number | undefined }
  | { readonly kind: 'conflict'; readonly conflicts: readonly FieldConflict[] }
  | { readonly kind: 'error'; readonly message: string };

/** An object as YAML: to read while it lives, and to edit by server-side apply. */
export function YamlTab({
  target,
  object,
  canEdit,
}: {
  readonly target: ObjectRef;
  readonly object: KubeObject;
  readonly canEdit: boolean;
}): ReactElement {
  const client = useKubeWatchClient();
  const [mode, setMode] = useState<Mode>({ kind: 'reading' });
  const [failure, setFailure] = useState<Failure>();
  const [isApplying, setApplying] = useState(false);
  const base = mode.kind === 'reading' ? undefined : mode.base;
  const baseText = useMemo(() => (base === undefined ? '' : toEditableYaml(base)), [base]);
  const isBehind = useMemo(() => base !== undefined && !isSameEditable(base, object), [base, object]);
  const isChanged = mode.kind !== 'reading' && mode.text !== baseText;
  const blocker = useBlocker({
    shouldBlockFn: () => isChanged,
    enableBeforeUnload: () => isChanged,
    withResolver: true,
  });

  const apply = async (base: KubeObject, text: string, force: boolean): Promise<void> => {
    const parsed = parseEdited(text, base);
    if ('message' in parsed) {
      setMode({ kind: 'editing', base, text });
      setFailure({ kind: 'text', ...parsed });
      return;
    }
    const showToast = beginToasts();
    setApplying(true);
    try {
      const seen = { ref: target, uid: base.metadata.uid };
      const after = await applyObject(client, seen, parsed.object, force);
      setMode({ kind: 'reading' });
      setFailure(undefined);
      const kept = keptFields(editablePart(base), parsed.object, editablePart(after));
      if (kept.length === 0) showToast({ tone: 'good', title: `Applied ${target.name}` });
      else {
        const message = `The server kept ${kept.join(', ')}: others manage that, so that an apply does not remove it.`;
        showToast({ tone: 'bad', title: `Applied ${target.name} but for what was removed`, message });
      }
    } catch (error) {
      setFailure(failureOf(error as KubeWatchError));
    } finally {
      setApplying(false);
    }
  };

  if (mode.kind === 'reading') {
    return (
      <Stack gap="sm">
        <Group justify="flex-end">
          <Button
            variant="default"
            disabled={!canEdit}
            title={canEdit ? undefined : 'Your role may read this and not change it'}
            onClick={() => {
              setFailure(undefined);
              setMode({ kind: 'editing', base: object, text: toEditableYaml(object) });
            }}
          >
            Edit
          </Button>
        </Group>
        <div className="fw-card" style={{ padding: 0, overflow: 'hidden' }}>
          <YamlReader object={object} label={`YAML of ${target.name}`} />
        </div>
      </Stack>
    );
  }

  const { base: from, text } = mode;
  return (
    <Stack gap="sm">
      {blocker.status === 'blocked' ? (
        <ConfirmDialog
          title="Leave without applying?"
          names={[target.name]}
          action="Leave"
          isDestructive
          run={() => Promise.resolve(blocker.proceed())}
          onClose={blocker.reset}
        >
          What you changed in its text is lost.
        </ConfirmDialog>
      ) : null}
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {mode.kind === 'editing' ? 'Editing. Escape leaves the text.' : 'What will change on the server'}
        </Text>
        <Group gap="xs">
          <Button
            variant="default"
            onClick={() => {
              setMode({ kind: 'reading' });
              setFailure(undefined);
            }}
          >
            Discard
          </Button>
          {mode.kind === 'editing' ? (
            <Button
              disabled={!isChanged}
              onClick={() => {
                const parsed = parseEdited(text, from);
                if ('message' in parsed) setFailure({ kind: 'text', ...parsed });
                else {
                  setFailure(undefined);
                  setMode({ kind: 'reviewing', base: from, text, after: writeYaml(parsed.object) });
                }
              }}
            >
              Review
            </Button>
          ) : (
            <>
              <Button
                variant="default"
                onClick={() => {
                  setMode({ kind: 'editing', base: from, text });
                }}
              >
                Back to the text
              </Button>
              <Button
                loading={isApplying}
                onClick={() => {
                  void apply(from, text, false);
                }}
              >
                Apply
              </Button>
            </>
          )}
        </Group>
      </Group>
      {isBehind ? (
        <Alert color="yellow" title="It has changed on the server since you began" data-testid="behind">
          <Group justify="space-between">
            <Text size="sm">What you apply is compared with what is there now.</Text>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => {
                setMode({ kind: 'editing', base: object, text: toEditableYaml(object) });
              }}
            >
              Begin again from the present state
            </Button>
          </Group>
        </Alert>
      ) : null}
      <FailureNotice
        failure={failure}
        isApplying={isApplying}
        onForce={() => {
          void apply(from, text, true);
        }}
      />
      <div className="fw-card" style={{ padding: 0, overflow: 'hidden' }}>
        {mode.kind === 'editing' ? (
          <YamlEditor
            value={text}
            label={`YAML of ${target.name}, editing`}
            badLine={failure?.kind === 'text' ? failure.line : undefined}
            onChange={(value) => {
              setMode({ kind: 'editing', base: from, text: value });
            }}
          />
        ) : (
          <YamlReview object={object} after={mode.after} />
        )}
      </div>
    </Stack>
  );
}

function YamlReview({ object, after }: { readonly object: KubeObject; readonly after: string }): ReactElement {
  const before = useMemo(() => toEditableYaml(object), [object]);
  return <YamlDifference before={before} after={after} label="What will change" />;
}

function FailureNotice({
  failure,
  isApplying,
  onForce,
}: {
  readonly failure: Failure | undefined;
  readonly isApplying: boolean;
  readonly onForce: () => void;
}): ReactElement | null {
  if (failure === undefined) return null;
  if (failure.kind === 'conflict') {
    return (
      <Alert color="red" title="Others manage what you changed" data-testid="conflict">
        <Stack gap="xs" align="flex-start">
          <List size="sm">
            {failure.conflicts.map(({ field, manager }) => (
              <List.Item key={`${manager} ${field}`}>
                <code>{field}</code> is managed by <strong>{manager}</strong>
              </List.Item>
            ))}
          </List>
          <Text size="sm">
            Taken over, these fields are yours, and {managersOf(failure.conflicts)} may conflict next.
          </Text>
          <Button color="red" size="compact-sm" loading={isApplying} onClick={onForce}>
            Take over and apply
          </Button>
        </Stack>
      </Alert>
    );
  }
  const where = failure.kind === 'text' && failure.line !== undefined ? `Line ${String(failure.line)}: ` : '';
  return (
    <Alert color="red" title={failure.kind === 'text' ? 'This cannot be read' : 'The server refused it'} role="alert">
      {where}
      {failure.message}
    </Alert>
  );
}

function managersOf(conflicts: readonly FieldConflict[]): string {
  return [...new Set(conflicts.map(({ manager }) => manager))].join(' and ');
}

function failureOf(error: KubeWatchError): Failure {
  const conflicts = conflictsOf(error);
  return conflicts === undefined ? { kind: 'error', message: error.message } : { kind: 'conflict', conflicts };
}
