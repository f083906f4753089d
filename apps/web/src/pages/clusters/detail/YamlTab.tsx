import { useState, type ReactElement } from 'react';
import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import type { KubeObject, KubeWatchError } from '@fleetwire/kube-watch';
import type { ObjectRef } from '@fleetwire/kube-watch/client';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';
import { showToast } from '../../../ui/toasts/Toasts.tsx';
import { conflictsOf, keptFields, type FieldConflict } from './apply-outcome.ts';
import { editablePart, parseEdited, toEditableYaml, toYaml, writeYaml } from './object-yaml.ts';
import { YamlDifference } from './YamlDifference.tsx';
import { YamlEditor } from './YamlEditor.tsx';

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

  const apply = async (base: KubeObject, text: string, force: boolean): Promise<void> => {
    const parsed = parseEdited(text, base);
    if ('message' in parsed) {
      setMode({ kind: 'editing', base, text });
      setFailure({ kind: 'text', ...parsed });
      return;
    }
    setApplying(true);
    try {
      const after = await client.apply(target, parsed.object, { force });
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
          <YamlEditor value={toYaml(object)} label={`YAML of ${target.name}`} />
        </div>
      </Stack>
    );
  }

  const { base, text } = mode;
  const isBehind = base.metadata.uid !== object.metadata.uid || toEditableYaml(base) !== toEditableYaml(object);
  const isChanged = text !== toEditableYaml(base);
  return (
    <Stack gap="sm">
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
                const parsed = parseEdited(text, base);
                if ('message' in parsed) setFailure({ kind: 'text', ...parsed });
                else {
                  setFailure(undefined);
                  setMode({ kind: 'reviewing', base, text, after: writeYaml(parsed.object) });
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
                  setMode({ kind: 'editing', base, text });
                }}
              >
                Back to the text
              </Button>
              <Button
                loading={isApplying}
                onClick={() => {
                  void apply(base, text, false);
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
          void apply(base, text, true);
        }}
      />
      <div className="fw-card" style={{ padding: 0, overflow: 'hidden' }}>
        {mode.kind === 'editing' ? (
          <YamlEditor
            value={text}
            label={`YAML of ${target.name}, editing`}
            badLine={failure?.kind === 'text' ? failure.line : undefined}
            onChange={(value) => {
              setMode({ kind: 'editing', base, text: value });
            }}
          />
        ) : (
          <YamlDifference before={toEditableYaml(object)} after={mode.after} label="What will change" />
        )}
      </div>
    </Stack>
  );
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
