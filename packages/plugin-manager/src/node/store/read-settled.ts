/** Times that something is read at most. */
const maxAttempts = 5;

/** How something of a store is read. */
export interface SettledOptions<T> {
  /** With the generation of the state that it is of. */
  readonly read: () => Promise<T>;
  /** Whether nothing looks damaged. */
  readonly isWhole: (found: T) => boolean;
  /** Of the state as it is now. */
  readonly generation: () => Promise<number>;
}

/** Reads again what looks damaged because another process has changed the store meanwhile. */
export async function readSettled<T extends { readonly generation: number }>({
  read,
  isWhole,
  generation,
}: SettledOptions<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await read();
    if (isWhole(found) || attempt === maxAttempts || (await generation()) === found.generation) return found;
  }
}
