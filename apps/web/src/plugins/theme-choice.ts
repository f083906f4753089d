import type { Registered } from '@fleetwire/plugin-manager/browser';

/** Reads which theme of a plugin was chosen: the key of its contribution; empty for none. */
export function parseThemeKey(json: unknown): string {
  return typeof json === 'string' ? json : '';
}

/** The theme that is chosen and there, as long as the page is as light or dark as it is. */
export function activeTheme(
  themes: readonly Registered<'theme'>[],
  key: string,
  colorScheme: string,
): Registered<'theme'> | undefined {
  return themes.find((theme) => theme.key === key && theme.value.colorScheme === colorScheme);
}

/** Sets the variables of a theme on the page; gives back what takes them away again. */
export function applyTheme(
  style: Pick<CSSStyleDeclaration, 'setProperty' | 'removeProperty'>,
  variables: Readonly<Record<string, string>>,
): () => void {
  const names = Object.keys(variables);
  for (const name of names) style.setProperty(name, variables[name] ?? '');
  return () => {
    for (const name of names) style.removeProperty(name);
  };
}
