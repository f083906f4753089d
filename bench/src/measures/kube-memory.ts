import { startChild } from '../child-calls.ts';
import type { Plan } from '../plan.ts';
import { createRow, type Row } from '../rows.ts';

/** Heap that one pod of 5.6 KB takes, in a process of its own for each way of keeping it. */
export async function measureKubeMemory({ pods }: Plan['kubeMemory']): Promise<Row[]> {
  const [store, array] = await Promise.all(
    (['store', 'array'] as const).map(async (way) => {
      const child = startChild('./kube/store-process.ts', { nodeArguments: ['--expose-gc'] });
      try {
        const bytes = await child.call<number>(way, { pods });
        await child.call('held');
        return bytes / 1024;
      } finally {
        await child.dispose();
      }
    }),
  );
  const fleetwire = store ?? NaN;
  return [
    createRow({
      id: 'kube-heap',
      title: 'heap for each pod of 5.6 KB',
      unit: 'KiB',
      fleetwire,
      bar: { kind: 'at-most', limit: 8 },
    }),
    createRow({
      id: 'kube-heap-array',
      title: 'heap for each pod of 5.6 KB',
      unit: 'KiB',
      fleetwire,
      peer: { name: 'array, as it came', value: array ?? NaN },
    }),
  ];
}
