/** The path to go on to after a sign-in: `next` where it leads to a page of this site, else the overview. */
export function ownPath(next: string | undefined, origin: string): string {
  // Browsers read `/\host` and `/<tab>/host` as `//host`, so it is they who say where a path leads.
  if (next === undefined || !next.startsWith('/') || !URL.canParse(next, origin)) return '/';
  const url = new URL(next, origin);
  const path = url.pathname + url.search + url.hash;
  // Without its dots, `/.//host` is `//host`.
  return url.origin === origin && !path.startsWith('//') ? path : '/';
}
