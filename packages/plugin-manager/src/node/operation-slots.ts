/** Places for what may run at the same time. */
export interface OperationSlots {
  /**
   * Resolves when there is a place. It is free again when `ended` resolves; who has ended before leaves the line. `ended`
   * must not reject.
   */
  take(ended: Promise<void>): Promise<void>;
}

/** Makes `max` places; who finds none waits, first come first served. */
export function createOperationSlots(max: number): OperationSlots {
  const waiting = new Set<() => void>();
  let taken = 0;

  function next(): void {
    const [first] = waiting;
    if (first === undefined || taken >= max) return;
    waiting.delete(first);
    first();
  }

  return {
    take: (ended) =>
      new Promise((resolve) => {
        const begin = (): void => {
          taken += 1;
          resolve();
          void ended.then(() => {
            taken -= 1;
            next();
          });
        };
        waiting.add(begin);
        void ended.then(() => waiting.delete(begin));
        next();
      }),
  };
}
