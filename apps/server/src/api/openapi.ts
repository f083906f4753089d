import { z } from 'zod';
import { takesIdempotencyKey, type Route } from './route.ts';

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string().describe('A code of docs/errors.md.'),
  retryAfterMs: z.number().optional(),
  phase: z.string().optional().describe('Of plugins: the step that failed.'),
  pluginId: z.string().optional(),
  retryable: z.boolean().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** Describes the routes as OpenAPI 3.1, from the schemas that check them. */
export function describeApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = describeRoute(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fleetwire',
      version,
      description:
        'Times are milliseconds since 1970. Failures are problem details (RFC 9457) whose `code` is one of docs/errors.md. A server that is about to stop answers every request with 503, `DRAINING` and `Retry-After`.',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An access token, or a personal access token.' },
        local: { type: 'http', scheme: 'bearer', description: 'The secret in `local-admin.json` of the data folder.' },
      },
    },
  };
}

function describeRoute(route: Route): object {
  const { method, path, access, tag, summary, query, body, response, status, problems, takesIfMatch = false } = route;
  const isOpen = access === 'public';
  const isKeyed = takesIdempotencyKey(route);
  const isTagged = method === 'GET' || takesIfMatch;
  const success = status ?? (response === undefined ? 204 : 200);
  return {
    operationId: operationIdOf(method, path),
    tags: [tag],
    summary,
    description: accessText(route),
    security: isOpen ? [] : [{ [access === 'local' ? 'local' : 'token']: [] }],
    parameters: [...pathParameters(path), ...queryParameters(query), ...headerParameters(route)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.safeParse(undefined).success,
            content: { 'application/json': { schema: schemaOf(body, 'input') } },
          },
        }),
    responses: {
      [success]: {
        description: 'Done.',
        ...(isTagged ? { headers: { ETag: { schema: { type: 'string' } } } } : {}),
        ...(response === undefined
          ? {}
          : { content: { 'application/json': { schema: schemaOf(response, 'output') } } }),
      },
      ...(method === 'GET' ? { 304: { description: 'The answer is the one that `If-None-Match` names.' } } : {}),
      ...problemsOf({
        ...(query === undefined && body === undefined && route.needsIdempotencyKey !== true
          ? {}
          : { 400: 'The query or the body is not what is expected.' }),
        ...(isOpen ? {} : { 401: 'The token is missing, expired or invalid.' }),
        ...(isOpen || access === 'signed-in' || access === 'local' ? {} : { 403: forbiddenText(route) }),
        ...(body === undefined ? {} : { 413: 'The body is too large.' }),
        ...(takesIfMatch ? { 412: 'It is another by now than `If-Match` says.' } : {}),
        ...(isKeyed
          ? { 409: 'The same is under way.', 422: 'The same `Idempotency-Key` came with another body before.' }
          : {}),
        ...problems,
      }),
    },
  };
}

/** Headers that count on some routes, with what is to be said of them. */
const headerTexts = {
  'If-None-Match': 'The `ETag` of an answer that the client has: when nothing has changed, it gets 304.',
  'If-Match': 'The `ETag` of what the client has seen: when it is another by now, nothing is changed.',
  'Idempotency-Key':
    'Any text of the client for this one request, such as a UUID. Sent again within 24 hours with the same body, it makes nothing more and gets the answer of before, with the header `Idempotency-Replayed: true`. A failure is not kept.',
};

function headerParameters(route: Route): object[] {
  const names: (keyof typeof headerTexts)[] = [];
  if (route.method === 'GET') names.push('If-None-Match');
  if (route.takesIfMatch === true) names.push('If-Match');
  if (takesIdempotencyKey(route)) names.push('Idempotency-Key');
  return names.map((name) => ({
    name,
    in: 'header',
    required: name === 'Idempotency-Key' && route.needsIdempotencyKey === true,
    description: headerTexts[name],
    schema: { type: 'string' },
  }));
}

/** What a route asks of its caller, in a sentence. */
export function accessText(route: Pick<Route, 'access' | 'isForSignIns' | 'isOfFirstOrganisation'>): string {
  const { access, isForSignIns, isOfFirstOrganisation } = route;
  const not =
    (isOfFirstOrganisation === true ? ' Other organisations than the first are refused.' : '') +
    (isForSignIns === true ? ' A personal token is refused.' : '');
  if (access === 'public') return 'Open to anybody.';
  if (access === 'signed-in') return `Needs a token, and no permission.${not}`;
  if (access === 'local') return 'For programs of this machine, with the secret of the data folder.';
  return `Needs the permission \`${access}\`.${not}`;
}

function forbiddenText({ isOfFirstOrganisation }: Route): string {
  return isOfFirstOrganisation === true
    ? 'The permission is missing, or the organisation is not the first.'
    : 'The permission is missing.';
}

/** A schema as JSON Schema: what goes in, or what comes out. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

/** `GET /api/v1/users/{id}` → `getUsersById`. */
function operationIdOf(method: string, path: string): string {
  const words = path
    .replace('/api/v1/', '')
    .split('/')
    .map((segment) => segment.replace(/^\{(\w+)\}$/, 'by-$1'))
    .join('-')
    .split(/[^a-z0-9]+/i);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | undefined): object[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'output') as {
    readonly properties?: Readonly<Record<string, object>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    // What has a default may be left out.
    required: required.includes(name) && !('default' in schema),
    schema,
  }));
}

function problemsOf(problems: Readonly<Record<number, string>>): object {
  return Object.fromEntries(
    Object.entries(problems).map(([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    ]),
  );
}
