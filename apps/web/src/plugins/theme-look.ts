/** Where this browser keeps the look of the theme that holds; `public/color-scheme.js` reads it before the first paint. */
export const lookKey = 'fleetwire.look';

/** What is longer is not kept: the theme comes with its plugin then. */
const maxLength = 32_768;

/** The look of a plugin's theme. */
export interface ThemeLook {
  readonly colorScheme: 'light' | 'dark';
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Keeps the look for the next load of the page, or forgets it. `findStorage` may throw, as a browser does that forbids
 * storage.
 */
export function rememberLook(
  findStorage: () => Pick<Storage, 'setItem' | 'removeItem'>,
  look: ThemeLook | undefined,
): void {
  const text = JSON.stringify(look) as string | undefined;
  try {
    if (text === undefined || text.length > maxLength) findStorage().removeItem(lookKey);
    else findStorage().setItem(lookKey, text);
  } catch {
    // The page has its plain look until the plugins are listed.
  }
}

/** Takes away what was set before the page's own code ran. */
export function clearLook(style: Pick<CSSStyleDeclaration, 'removeProperty' | 'length' | 'item'>): void {
  const names = Array.from({ length: style.length }, (_, index) => style.item(index));
  for (const name of names) if (name.startsWith('--')) style.removeProperty(name);
}
