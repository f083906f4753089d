/** How deep `contributes` may be nested; its own object is the first level. */
export const maxContributesDepth = 16;
/** How many values `contributes` may hold in all. */
export const maxContributesValues = 2_000;

/** Whether a value out of `JSON.parse` is small enough to be kept, copied and sent with every list of plugins. */
export function isBoundedJson(value: unknown): boolean {
  // Not recursive: a manifest of 1 MiB may be nested deeper than the stack.
  let level: readonly unknown[] = [value];
  let count = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    count += level.length;
    if (depth > maxContributesDepth || count > maxContributesValues) return false;
    level = level.flatMap((item): unknown[] => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return true;
}
