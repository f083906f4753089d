import { createHash } from 'node:crypto';
import { openApiV2 } from '../core/openapi/openapi-v2.ts';
import { openApiV3, openApiV3Path } from '../core/openapi/openapi-v3.ts';
import type { ResourceDefinition } from '../core/resource-definition.ts';
import { encodeOpenApiV2 } from './openapi-protobuf.ts';
import { SERVER_VERSION } from './server-version.ts';

/** An answer of the OpenAPI endpoints. */
export interface OpenApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const JSON_TYPE = 'application/json';
/** What clients ask for to get the v2 document as protobuf: the older form, with an `@`, is no valid media type. */
const ACCEPTS_PROTOBUF = /application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf/;
const PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const V3 = '/openapi/v3';

/** Documents of so many different sets of types are kept; a process seldom has more servers with types of their own. */
const MAX_KEPT = 4;

interface Documents {
  readonly definitions: readonly ResourceDefinition[];
  /** Answers by path and media type. */
  readonly answers: Map<string, OpenApiResponse>;
}

let kept: readonly Documents[] = [];

/**
 * Answers `/openapi/v2` (as protobuf where `accept` asks for it, as kubectl does), `/openapi/v3` and the document of each
 * group and version below it; undefined for any other path. Documents are made once for a set of definitions.
 */
export function openApiResponse(
  path: string,
  accept: string | undefined,
  definitions: readonly ResourceDefinition[],
): OpenApiResponse | undefined {
  const isV2 = path === '/openapi/v2';
  if (!isV2 && path !== V3 && !path.startsWith(`${V3}/`)) return undefined;
  const { answers } = documentsOf(definitions);
  const isProtobuf = isV2 && ACCEPTS_PROTOBUF.test(accept ?? '');
  const key = isProtobuf ? `${path} protobuf` : path;
  const known = answers.get(key) ?? (isV2 ? answerV2(definitions, isProtobuf) : answerV3(path, definitions));
  if (known !== undefined) answers.set(key, known);
  return known;
}

function documentsOf(definitions: readonly ResourceDefinition[]): Documents {
  const known = kept.find(
    (one) =>
      one.definitions.length === definitions.length &&
      one.definitions.every((definition, index) => definition === definitions[index]),
  );
  const documents = known ?? { definitions, answers: new Map<string, OpenApiResponse>() };
  kept = [documents, ...kept.filter((one) => one !== documents)].slice(0, MAX_KEPT);
  return documents;
}

function answerV2(definitions: readonly ResourceDefinition[], isProtobuf: boolean): OpenApiResponse {
  const document = openApiV2(definitions, SERVER_VERSION.gitVersion);
  return isProtobuf ? answer(encodeOpenApiV2(document), PROTOBUF_TYPE) : answer(JSON.stringify(document), JSON_TYPE);
}

function answerV3(path: string, definitions: readonly ResourceDefinition[]): OpenApiResponse | undefined {
  if (path === V3) return answer(JSON.stringify({ paths: indexOf(definitions) }), JSON_TYPE);
  const own = definitions.filter((definition) => `${V3}/${openApiV3Path(definition)}` === path);
  return own.length === 0 ? undefined : answer(JSON.stringify(openApiV3(own)), JSON_TYPE);
}

/** The hash in each address changes with the document, so that clients may keep what they fetched. */
function indexOf(definitions: readonly ResourceDefinition[]): object {
  const paths = [...new Set(definitions.map(openApiV3Path))].sort();
  return Object.fromEntries(
    paths.map((path) => {
      const own = definitions.filter((definition) => openApiV3Path(definition) === path);
      const hash = hashOf(JSON.stringify(own));
      return [path, { serverRelativeURL: `${V3}/${path}?hash=${hash}` }];
    }),
  );
}

function answer(body: string | Uint8Array, contentType: string): OpenApiResponse {
  return { status: 200, headers: { 'content-type': contentType, etag: `"${hashOf(body)}"`, vary: 'Accept' }, body };
}

function hashOf(body: string | Uint8Array): string {
  return createHash('sha256').update(body).digest('hex').toUpperCase();
}
