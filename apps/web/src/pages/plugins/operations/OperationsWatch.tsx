import { lazy, Suspense, useMemo, useState, type ReactElement } from 'react';
import { useChannel } from '@fleetwire/websocket-core/react';
import { isRunning, runningOf, type ListedOperation } from './operations-state.ts';
import { useOperations } from './operations-store.ts';

const Nothing = (): null => null;

/** Operations that were seen running are kept beside those that run: one may end before what follows it has come. */
const maxSeen = 50;

/** Before each further attempt to load what follows operations: the server may end just as it is asked. */
const retryDelaysMs = [1_000, 5_000, 15_000] as const;

// Not needed before something is done with plugins; a page of an older build may not find it any more.
const OperationsFollower = lazy(async () => {
  for (const delayMs of [0, ...retryDelaysMs]) {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      return { default: (await import('./OperationsFollower.tsx')).OperationsFollower };
    } catch {
      // Asked for again.
    }
  }
  return { default: Nothing };
});

/** Looks whether an operation on plugins runs: then it is followed, whichever page is open. */
export function OperationsWatch(): ReactElement | null {
  const { items } = useChannel('plugins');
  const known = useOperations();
  const listed = useMemo(
    () =>
      [...(items?.values() ?? [])]
        .filter(({ key }) => key.startsWith('operation/'))
        .map(({ value }) => value as ListedOperation)
        .filter(isRunning),
    [items],
  );
  const [seen, setSeen] = useState(listed);
  if (listed.some(({ id }) => !has(seen, id))) {
    setSeen([...seen.filter(({ id }) => !has(listed, id)).slice(-maxSeen), ...listed]);
  }
  if (seen.length === 0 && runningOf(known).length === 0) return null;
  return (
    <Suspense>
      <OperationsFollower listed={seen} />
    </Suspense>
  );
}

function has(operations: readonly ListedOperation[], id: string): boolean {
  return operations.some((each) => each.id === id);
}
