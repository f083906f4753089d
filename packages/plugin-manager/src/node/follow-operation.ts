import type { OperationProgress } from '../core/operation-progress.ts';
import type { Operation } from './operation.ts';

/**
 * Shows what an operation does until its last event, and gives what it comes to. Warnings for which there was no time, and
 * those that were dropped for somebody slow, are shown too, before the last event; each is shown once.
 */
export async function followOperation<T>(
  operation: Operation<T>,
  onProgress: (progress: OperationProgress) => void,
): Promise<T> {
  const told: string[] = [];
  for await (const progress of operation) {
    if (progress.type === 'warning') told.push(progress.message);
    if ('warnings' in progress) {
      const { percentage } = operation.latest;
      for (const message of without(progress.warnings, told)) onProgress({ type: 'warning', message, percentage });
    }
    onProgress(progress);
  }
  return operation;
}

/** What is left, in its order; what is there twice and was told once is left once. */
function without(all: readonly string[], told: readonly string[]): readonly string[] {
  const left = [...told];
  return all.filter((message) => {
    const index = left.indexOf(message);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}
