/** An address that a stranger's link may lead to: of the web, whole, and without credentials. */
export function safeHref(href: string | undefined): string | undefined {
  if (href === undefined || !URL.canParse(href)) return undefined;
  const { protocol, username, password, href: whole } = new URL(href);
  const isWeb = protocol === 'https:' || protocol === 'http:';
  return isWeb && username === '' && password === '' ? whole : undefined;
}
