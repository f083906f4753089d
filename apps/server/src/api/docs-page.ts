import { html, raw } from 'hono/html';
import { accessText, schemaOf } from './openapi.ts';
import type { Route } from './route.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2rem; }
summary { cursor: pointer; padding: 0.25rem 0; }
details { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
details > :not(summary) { margin-left: 1rem; }
code, pre { font: 0.9em/1.4 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 0.5rem; background: color-mix(in srgb, currentColor 8%, transparent); }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
`;

/** A page that shows the routes, without any script. */
export function docsPage(routes: readonly Route[]) {
  const tags = [...new Set(routes.map(({ tag }) => tag))];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Fleetwire API</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <h1>Fleetwire API</h1>
        <p>
          The same as <a href="/api/v1/openapi.json">OpenAPI 3.1</a>. Send <code>Authorization: Bearer …</code> with an
          access token or a personal access token. Failures are problem details (RFC 9457).
        </p>
        ${tags.map(
          (tag) =>
            html`<h2>${tag}</h2>
              ${routes.filter((route) => route.tag === tag).map(routeSection)}`,
        )}
      </body>
    </html>`;
}

function routeSection(route: Route) {
  const { method, path, summary, query, body, response, problems } = route;
  return html`<details>
    <summary><span class="method">${method}</span> <code>${path}</code> – ${summary}</summary>
    <p>${accessText(route)}</p>
    ${schemaSection('Query', query, 'input')} ${schemaSection('Body', body, 'input')}
    ${schemaSection('Answer', response, 'output')}
    ${Object.entries(problems ?? {}).map(([status, text]) => html`<p><strong>${status}</strong> ${text}</p>`)}
  </details>`;
}

function schemaSection(title: string, schema: Route['body'], io: 'input' | 'output') {
  if (schema === undefined) return '';
  return html`<h3>${title}</h3>
    <pre>${JSON.stringify(schemaOf(schema, io), undefined, 2)}</pre>`;
}
