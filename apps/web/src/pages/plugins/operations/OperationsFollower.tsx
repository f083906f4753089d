import { useEffect, type ReactElement } from 'react';
import { useInstalled } from '../api/use-installed.ts';
import { useManagement } from '../api/use-plugins-api.ts';
import { runningOf, type ListedOperation, type OperationsEvent } from './operations-state.ts';
import { useOperations } from './operations-store.ts';
import { useOperationEvents } from './use-operations.ts';
import { useOperationView } from './use-operation-view.ts';

/** Follows the operations that run, for those who may, and tells of each end whichever page is open. Shows nothing. */
export function OperationsFollower({ listed }: { readonly listed: readonly ListedOperation[] }): ReactElement | null {
  const { mayManage } = useManagement();
  return mayManage === true ? <FollowAll listed={listed} /> : null;
}

function FollowAll({ listed }: { readonly listed: readonly ListedOperation[] }): ReactElement {
  const onEvent = useOperationEvents();
  const key = JSON.stringify(listed);
  useEffect(() => {
    onEvent({ type: 'listed', operations: JSON.parse(key) as readonly ListedOperation[] });
  }, [key, onEvent]);
  const running = runningOf(useOperations());
  return (
    <>
      {running.length === 0 ? null : <KeepNames />}
      {running.map(({ listed: { id } }) => (
        <FollowOne key={id} id={id} onEvent={onEvent} />
      ))}
    </>
  );
}

/** What plugins are called is in the list. */
function KeepNames(): null {
  useInstalled(undefined);
  return null;
}

function FollowOne(props: { readonly id: string; readonly onEvent: (event: OperationsEvent) => void }): null {
  const { id, onEvent } = props;
  const { view, isGone } = useOperationView(id);
  useEffect(() => {
    if (view !== undefined) onEvent({ type: 'seen', view });
  }, [view, onEvent]);
  useEffect(() => {
    if (isGone) onEvent({ type: 'lost', id });
  }, [isGone, id, onEvent]);
  return null;
}
