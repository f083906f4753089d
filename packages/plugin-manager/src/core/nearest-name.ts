/** The name that a misspelt one was likely meant to be: at most a third of its letters are others; undefined: none is. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    // At least the letters that one has more are others: what is far longer than any name is not compared.
    .filter((name) => Math.abs(given.length - name.length) * 3 <= Math.max(name.length, 3))
    .map((name) => ({ name, distance: distanceOf(given, name) }))
    .filter(({ name, distance }) => distance * 3 <= Math.max(name.length, 3))
    .sort((a, b) => a.distance - b.distance);
  return nearest?.name;
}

/** How many letters are more, fewer, others or exchanged with their neighbour (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isExchanged = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const exchanged = isExchanged ? at(before, column - 2) + 1 : replaced;
      next.push(Math.min(at(last, column) + 1, at(next, column - 1) + 1, replaced, exchanged));
    }
    before = last;
    last = next;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
