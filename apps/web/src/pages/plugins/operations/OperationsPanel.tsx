import type { ReactElement } from 'react';
import type { NameOf } from '../api/use-installed.ts';
import { doingOf } from './operation-words.ts';
import { OperationRow } from './OperationRow.tsx';
import { isRunning, runningOf, type ListedOperation } from './operations-state.ts';
import { useOperations } from './operations-store.ts';

interface PanelProps {
  /** What the channel of the store names. */
  readonly listed: readonly ListedOperation[];
  readonly nameOf: NameOf;
  /** Those of one plugin alone. */
  readonly only?: string;
}

/** Operations that run, whoever began them; nothing while there are none. */
export function OperationsPanel({
  mayManage,
  ...props
}: PanelProps & { readonly mayManage: boolean }): ReactElement | null {
  return mayManage ? <LivePanel {...props} /> : <NamesPanel {...props} />;
}

function LivePanel({ nameOf, only }: Omit<PanelProps, 'listed'>): ReactElement | null {
  const running = runningOf(useOperations()).filter(
    ({ listed: { pluginId } }) => only === undefined || only === pluginId,
  );
  if (running.length === 0) return null;
  return (
    <section className="fw-card" aria-label="Running operations" data-testid="operations">
      <ul className="fw-operations">
        {running.map(({ listed: operation }) => (
          <OperationRow key={operation.id} operation={operation} name={nameOf(operation.pluginId, operation.title)} />
        ))}
      </ul>
    </section>
  );
}

/** For those who may not follow them: what is being done, and no more. */
function NamesPanel({ listed, nameOf, only }: PanelProps): ReactElement | null {
  const running = listed.filter(
    (operation) => isRunning(operation) && (only === undefined || only === operation.pluginId),
  );
  if (running.length === 0) return null;
  return (
    <section className="fw-card" aria-label="Running operations" data-testid="operations">
      <ul className="fw-operations">
        {running.map(({ id, action, pluginId, title }) => (
          <li key={id}>
            {doingOf(action)} {nameOf(pluginId, title)}
          </li>
        ))}
      </ul>
    </section>
  );
}
