import { useEffect, useId, useRef, type ReactElement } from 'react';
import { Button, Checkbox, Group, Text, TextInput, VisuallyHidden } from '@mantine/core';
import type { Candidate } from './add-form.ts';
import { describeUser, isUnverified, type Refusal } from './refusals.ts';

/** The contexts of a kubeconfig: which of them to bring, and what their clusters are to be called. */
export function ContextList(props: {
  readonly candidates: readonly Candidate[];
  readonly disabled: boolean;
  /** What is wrong with the names, by context. */
  readonly nameProblems: ReadonlyMap<string, string>;
  /** What the server refused, by context. */
  readonly refused: ReadonlyMap<string, readonly string[]>;
  /** Whether to take the focus, from a field that has gone. */
  readonly takesFocus: boolean;
  readonly onPick: (contexts: readonly string[], isPicked: boolean) => void;
  readonly onName: (context: string, name: string) => void;
}): ReactElement {
  const { candidates, disabled, nameProblems, refused, takesFocus, onPick, onName } = props;
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takesFocus) ref.current?.focus();
  }, [takesFocus]);
  const usable = candidates.filter(({ refusals }) => refusals.length === 0);
  const picked = usable.filter(({ isPicked }) => isPicked);
  const areAllPicked = picked.length === usable.length;
  return (
    <section className="fw-contexts" aria-label="Contexts" tabIndex={-1} ref={ref}>
      <Group justify="space-between" gap="xs">
        <Text fw={600} size="sm">
          {candidates.length === 1 ? '1 context' : `${String(candidates.length)} contexts`}
          {candidates.length === 1 ? '' : `, ${String(picked.length)} chosen`}
        </Text>
        {usable.length > 1 ? (
          <Button
            variant="subtle"
            size="compact-sm"
            disabled={disabled}
            onClick={() => {
              onPick(
                usable.map(({ context }) => context.name),
                !areAllPicked,
              );
            }}
          >
            {areAllPicked ? 'Choose none' : 'Choose all'}
          </Button>
        ) : null}
      </Group>
      <ul>
        {candidates.map((candidate) => (
          <ContextItem
            key={candidate.context.name}
            candidate={candidate}
            disabled={disabled}
            nameProblem={nameProblems.get(candidate.context.name)}
            refused={refused.get(candidate.context.name) ?? []}
            onPick={(isPicked) => {
              onPick([candidate.context.name], isPicked);
            }}
            onName={(name) => {
              onName(candidate.context.name, name);
            }}
          />
        ))}
      </ul>
    </section>
  );
}

function ContextItem(props: {
  readonly candidate: Candidate;
  readonly disabled: boolean;
  readonly nameProblem: string | undefined;
  readonly refused: readonly string[];
  readonly onPick: (isPicked: boolean) => void;
  readonly onName: (name: string) => void;
}): ReactElement {
  const { candidate, disabled, nameProblem, refused, onPick, onName } = props;
  const { context, refusals, isPicked, name } = candidate;
  const id = useId();
  const server = context.cluster?.['server'];
  const facts = [
    typeof server === 'string' ? server : '',
    describeUser(context),
    context.namespace === undefined ? '' : `namespace ${context.namespace}`,
  ];
  return (
    <li data-testid={`context-${context.name}`}>
      <Checkbox
        checked={isPicked}
        disabled={disabled || refusals.length > 0}
        aria-describedby={id}
        label={
          <>
            {context.name}
            {context.isCurrent ? <span className="fw-tag">current</span> : null}
          </>
        }
        onChange={(event) => {
          onPick(event.currentTarget.checked);
        }}
      />
      <div id={id}>
        <Text size="sm" c="dimmed" className="fw-facts">
          {facts.filter((fact) => fact !== '').join(' · ')}
        </Text>
        {isUnverified(context) ? (
          <Text size="sm" className="fw-caution">
            The certificate of its server is not checked (insecure-skip-tls-verify).
          </Text>
        ) : null}
        {refusals.map((refusal) => (
          <RefusalText key={refusal.reason} refusal={refusal} />
        ))}
        {refused.map((problem) => (
          <Text key={problem} size="sm" className="fw-reason">
            The server: {problem}
          </Text>
        ))}
      </div>
      {isPicked ? (
        <TextInput
          label={
            <>
              Name<VisuallyHidden> of the cluster of {context.name}</VisuallyHidden>
            </>
          }
          size="sm"
          autoComplete="off"
          spellCheck={false}
          disabled={disabled}
          value={name}
          error={nameProblem}
          onChange={(event) => {
            onName(event.currentTarget.value);
          }}
        />
      ) : null}
    </li>
  );
}

function RefusalText({ refusal: { reason, advice, command } }: { readonly refusal: Refusal }): ReactElement {
  return (
    <div className="fw-refusal">
      <span className="fw-reason">{reason}</span> {advice}
      {command === undefined ? null : <code>{command}</code>}
    </div>
  );
}
