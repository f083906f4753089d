/** In the dashboard's colours, by its custom properties; the names begin with the plugin's, so that they are nobody else's. */
const css = `
.images h1 { margin: 0 0 12px; font-size: 1.5rem; font-weight: 640; }
.images a, .images-list a { color: var(--fw-line); text-decoration: none; }
.images a:hover, .images-list a:hover { text-decoration: underline; }
.images-tools { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin-bottom: 12px; }
.images-tools input[type='search'] {
  flex: 0 1 320px; min-width: 0; height: 34px; padding: 0 10px; color: inherit; font: inherit;
  background: var(--fw-surface); border: 1px solid var(--fw-border); border-radius: 8px;
}
.images-tools span, .images-note { color: var(--mantine-color-dimmed); font-size: 14px; }
.images-note { margin: 8px 0 0; }
.images-card { overflow-x: auto; background: var(--fw-surface); border: 1px solid var(--fw-border); border-radius: 12px; }
.images table { width: 100%; border-collapse: collapse; font-size: 14px; }
.images th, .images td { padding: 8px 16px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--fw-row-line); }
.images tr:last-child td { border-bottom: 0; }
.images th { color: var(--mantine-color-dimmed); font-weight: 600; }
.images td { overflow-wrap: anywhere; }
.images .images-number { font-variant-numeric: tabular-nums; }
.images-version {
  margin-left: 6px; padding: 0 6px; border: 1px solid var(--fw-border); border-radius: 999px;
  color: var(--mantine-color-dimmed); font-size: 12px; white-space: nowrap;
}
.images-version[data-floating='true'] { color: var(--fw-busy); background: var(--fw-busy-bg); border-color: transparent; }
.images-list { display: grid; gap: 6px; margin: 0; padding: 0; list-style: none; font-size: 14px; overflow-wrap: anywhere; }
`;

/** Adds the styles to the page; gives back what takes them away. */
export function addStyles(page: Document): () => void {
  const element = page.createElement('style');
  element.textContent = css;
  page.head.append(element);
  return () => {
    element.remove();
  };
}
