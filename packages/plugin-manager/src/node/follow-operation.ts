import type { OperationProgress } from '../core/operation-progress.ts';
import type { Operation } from './operation.ts';

/**
 * Shows what an operation does until its last event, and gives what it comes to. Warnings for which there was no time
 * are shown too, before the last event.
 */
export async function followOperation<T>(
  operation: Operation<T>,
  onProgress: (progress: OperationProgress) => void,
): Promise<T> {
  let toldWarnings = 0;
  for await (const progress of operation) {
    if (progress.type === 'warning') toldWarnings += 1;
    if ('warnings' in progress) {
      const { percentage } = operation.latest;
      for (const message of progress.warnings.slice(toldWarnings)) onProgress({ type: 'warning', message, percentage });
    }
    onProgress(progress);
  }
  return operation;
}
