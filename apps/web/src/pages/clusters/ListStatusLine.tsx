import type { ReactElement } from 'react';
import { Button, Popover, Tooltip, UnstyledButton } from '@mantine/core';
import type { TableObject } from '@fleetwire/kube-watch';
import type { KubeObjectListResult } from '@fleetwire/kube-watch/react';
import { useClusters } from '../../live/use-clusters.ts';
import { Icon } from '../../ui/icons.tsx';
import { formatCount } from '../../ui/format.ts';
import { useNow } from '../../ui/use-now.ts';
import { listProblems, summarizeList, type ListProblem } from './list-status.ts';

/** How many rows there are, how live they are, and what keeps some away. */
export function ListStatusLine(props: {
  readonly result: KubeObjectListResult<TableObject>;
  readonly shown: number;
  readonly total: number;
}): ReactElement {
  const { result, shown, total } = props;
  // Without a row the place of the rows says it all.
  const { clusters } = useClusters();
  const problems = total === 0 ? [] : listProblems(result.targets, clusters);
  return (
    <div className="fw-list-status fw-numbers" data-testid="list-status">
      <Liveness result={result} />
      <span data-testid="count" hidden={total === 0}>
        {shown === total ? formatCount(total) : `${formatCount(shown)} of ${formatCount(total)}`}
      </span>
      {result.isPartial || result.hasMore ? <span className="fw-tag">not all are loaded</span> : null}
      {problems.length === 0 ? null : <Problems problems={problems} />}
      {total > 0 && result.watchStatus === 'stopped' ? (
        <Button size="compact-xs" variant="default" onClick={() => void result.refetch().catch(() => undefined)}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

function Liveness({ result }: { readonly result: KubeObjectListResult<TableObject> }): ReactElement {
  const now = useNow();
  const { tone, label, detail } = summarizeList(result.targets, now);
  const mark = (
    <span className="fw-live" data-tone={tone} tabIndex={detail === undefined ? undefined : 0} data-testid="liveness">
      <span className="fw-dot" aria-hidden="true" />
      <span>{label}</span>
    </span>
  );
  if (detail === undefined) return mark;
  return (
    <Tooltip label={detail} events={{ hover: true, focus: true, touch: true }} multiline maw={340}>
      {mark}
    </Tooltip>
  );
}

function Problems({ problems }: { readonly problems: readonly ListProblem[] }): ReactElement {
  return (
    <Popover width={420} position="bottom-start" withArrow>
      <Popover.Target>
        <UnstyledButton className="fw-notice fw-mark" data-tone="busy" data-testid="problems">
          <Icon name="alert" size={14} />
          <span>{textOf(problems)}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label="What is missing">
        <ul className="fw-problems">
          {problems.map(({ where, message, kind }) => (
            <li key={`${where}${message}`}>
              <strong>{where}</strong>
              <span>{kind === 'denied' ? `You may not see this: ${message}` : message}</span>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function textOf(problems: readonly ListProblem[]): string {
  const [first] = problems;
  if (problems.length > 1) return `${String(problems.length)} parts are missing or old`;
  return first?.hasRows === true ? `${first.where} is not updated` : `Without ${first?.where ?? ''}`;
}
