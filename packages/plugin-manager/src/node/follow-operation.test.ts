import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it, vi } from 'vitest';
import { followOperation } from './follow-operation.ts';
import { startOperation, type OperationContext } from './operation.ts';

it('shows each warning once, also those that came faster than they were read', async () => {
  const clock = createManualClock();
  let context: OperationContext | undefined;
  let finish: ((value: number) => void) | undefined;
  const operation = startOperation<number>({
    ...{ id: 'op-1', action: 'install', pluginId: 'hub:acme/flux', timeoutMs: 1_000_000, clock },
    work: (given) => {
      context = given;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  });
  const shown: string[] = [];
  const following = followOperation(operation, (progress) => {
    if (progress.type === 'warning') shown.push(progress.message);
  });
  await vi.waitFor(() => {
    expect(context).toBeDefined();
  });
  const warnings = [...Array.from({ length: 40 }, (_, index) => `warning ${String(index)}`), 'twice', 'twice'];
  // Nobody reads meanwhile.
  for (const warning of warnings) {
    context?.warn(warning);
    clock.advance(200);
  }
  finish?.(7);
  expect(await following).toBe(7);
  expect(shown.toSorted()).toEqual(warnings.toSorted());
});
