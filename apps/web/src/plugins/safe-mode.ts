import { isSafeMode } from '@fleetwire/plugin-manager/browser';

/** Whether the address of a page asks for safe mode, or that of the sign-in for a page that does. */
export function asksForSafeMode(search: string): boolean {
  const [, nextSearch = ''] = new URLSearchParams(search).get('next')?.split('?') ?? [];
  return isSafeMode(search) || isSafeMode(nextSearch);
}

// As the page was opened: going on drops it from the address. There is none in tests.
const isSafe = asksForSafeMode((globalThis as { readonly location?: Location }).location?.search ?? '');

/** Whether this page loads no plugins. */
export function isInSafeMode(): boolean {
  return isSafe;
}
