import { isSafeMode } from '@fleetwire/plugin-manager/browser';

/** Where a tab keeps that it is in safe mode; `public/color-scheme.js` reads it before the first paint. */
export const safeModeKey = 'fleetwire.safe-mode';

/** A tab's own storage; `sessionStorage` fits. It may throw, as a browser does that forbids storage. */
type FindStorage = () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Whether the address of a page asks for safe mode, or that of the sign-in for a page that does. */
export function asksForSafeMode(search: string): boolean {
  const [, nextSearch = ''] = new URLSearchParams(search).get('next')?.split('?') ?? [];
  return isSafeMode(search) || isSafeMode(nextSearch);
}

/** Whether a page that is opened at this address loads no plugins; its tab keeps that until safe mode is left. */
export function enterSafeMode(search: string, findStorage: FindStorage): boolean {
  const isAsked = asksForSafeMode(search);
  try {
    if (isAsked) findStorage().setItem(safeModeKey, '1');
    return isAsked || findStorage().getItem(safeModeKey) !== null;
  } catch {
    // It ends with the page.
    return isAsked;
  }
}

/** The next page of the tab loads plugins. */
export function leaveSafeMode(findStorage: FindStorage = () => sessionStorage): void {
  try {
    findStorage().removeItem(safeModeKey);
  } catch {
    // Nothing was kept.
  }
}

// As the page was opened: going on drops it from the address. There is none in tests.
const { location: opened } = globalThis as { readonly location?: Location };
const isSafe = opened !== undefined && enterSafeMode(opened.search, () => sessionStorage);

/** Whether this page loads no plugins. */
export function isInSafeMode(): boolean {
  return isSafe;
}
