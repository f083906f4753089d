import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { badRequest, failure } from '../core/status-errors.ts';
import { StatusError } from '../protocol/status.ts';
import { decodeKubeObject, PROTOBUF_TYPE } from './protobuf/decode-object.ts';

// The API server's own limit on request bodies is 3 MiB.
const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** A request body with the media type that it was sent as, without parameters. */
export interface RequestBody {
  readonly mediaType: string;
  readonly value: unknown;
}

const JSON_TYPES = new Set([
  '',
  '*/*',
  'application/json',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]);
const YAML_TYPES = new Set(['application/yaml', 'application/apply-patch+yaml']);

function read(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > MAX_BODY_BYTES) {
        request.removeAllListeners('data');
        request.resume();
        const message = `Request entity is too large: limit is ${String(MAX_BODY_BYTES)}`;
        reject(new StatusError(failure(413, 'RequestEntityTooLarge', message)));
      } else chunks.push(chunk);
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}

/**
 * Reads and parses the body; undefined where there is none.
 *
 * @throws StatusError 400 for what cannot be parsed, 413 above 3 MiB, 415 for other types.
 */
export async function readBody(request: IncomingMessage): Promise<RequestBody | undefined> {
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const bytes = await read(request);
  if (bytes.byteLength === 0) return undefined;
  const isYaml = YAML_TYPES.has(mediaType);
  const isProtobuf = mediaType === PROTOBUF_TYPE;
  if (!isYaml && !isProtobuf && !JSON_TYPES.has(mediaType)) {
    throw new StatusError(
      failure(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${PROTOBUF_TYPE} (came: ${mediaType})`,
      ),
    );
  }
  try {
    if (isProtobuf) return { mediaType, value: decodeKubeObject(bytes) };
    const text = bytes.toString('utf8');
    return { mediaType, value: isYaml ? (parse(text) as unknown) : (JSON.parse(text) as unknown) };
  } catch (error) {
    throw badRequest(`couldn't get version/kind; the body cannot be parsed: ${(error as Error).message}`);
  }
}
