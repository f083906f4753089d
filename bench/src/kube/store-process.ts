// Memory of a store: pods that came as the text of watch events, as in a browser.
import { ObjectStore } from '@fleetwire/kube-watch';
import { answerCalls } from '../child-calls.ts';
import { listStart, pod } from './pods.ts';

let kept: unknown;

async function heapBytes(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

answerCalls({
  /** Heap for each pod. */
  async store({ pods }: { pods: number }): Promise<number> {
    const before = await heapBytes();
    const store = new ObjectStore();
    for (let index = 0; index < pods; index += 1) {
      const text = JSON.stringify({ type: 'ADDED', object: pod(index, listStart + index) });
      store.apply(JSON.parse(text) as Parameters<typeof store.apply>[0]);
    }
    kept = store.snapshot();
    return ((await heapBytes()) - before) / pods;
  },
  /** The same as they came, in an array. */
  async array({ pods }: { pods: number }): Promise<number> {
    const before = await heapBytes();
    kept = Array.from(
      { length: pods },
      (_, index) => JSON.parse(JSON.stringify(pod(index, listStart + index))) as unknown,
    );
    return ((await heapBytes()) - before) / pods;
  },
  held: () => kept !== undefined,
});
