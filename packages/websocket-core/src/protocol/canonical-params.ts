/**
 * One text for equal parameters: keys sorted at every depth, `undefined` members left out. Feeds and subscriptions are
 * shared by this text, so two callers that write the same parameters in another order meet in one feed.
 * Absent and empty parameters are the same and give an empty text. Throws a RangeError for a number that is not finite
 * (JSON's `1e400`), which would else meet null in one feed.
 */
export function canonicalParams(params: Readonly<Record<string, unknown>> | undefined): string {
  if (params === undefined) return '';
  const text = write(params);
  return text === '{}' ? '' : text;
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => (item === undefined ? 'null' : write(item))).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('expected finite numbers');
  return JSON.stringify(value) ?? 'null';
}
