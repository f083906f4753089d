/** JSON for a column; the one way in, as {@link fromJson} is the one way out. */
export function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** The value of a column that holds JSON; undefined for NULL. */
export function fromJson(text: string | null): unknown {
  return text === null ? undefined : (JSON.parse(text) as unknown);
}
