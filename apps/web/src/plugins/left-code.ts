/** Titles of the plugins whose code has run in the page and that are not listed any more. */
export function leftIn(
  evaluated: ReadonlyMap<string, string> | undefined,
  plugins: readonly { readonly id: string }[],
): readonly string[] {
  const listed = new Set(plugins.map(({ id }) => id));
  return [...(evaluated ?? [])].flatMap(([id, title]) => (listed.has(id) ? [] : [title]));
}
