import { titleOf, type Titled } from './plugin-title.ts';

/** What tells them apart, of the plugins whose code has run in the page and that are not listed any more. */
export function leftIn(
  evaluated: ReadonlyMap<string, string> | undefined,
  plugins: readonly Titled[],
): readonly string[] {
  const listed = new Set(plugins.map(({ id }) => id));
  const left = [...(evaluated ?? [])].flatMap(([id, title]) => (listed.has(id) ? [] : [{ id, title }]));
  return left.map((plugin) => titleOf(plugin, [...plugins, ...left]));
}
