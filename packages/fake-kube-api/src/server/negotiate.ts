import type { IncludeObject } from '../core/table.ts';
import { failure } from '../core/status-errors.ts';
import { StatusError } from '../protocol/status.ts';

/** How objects are written into an answer. */
export type Representation =
  | { readonly kind: 'object' }
  | { readonly kind: 'metadata' }
  | { readonly kind: 'table'; readonly includeObject: IncludeObject };

/** The outcome of content negotiation. */
export interface Negotiated {
  readonly representation: Representation;
  readonly format: 'json' | 'yaml';
}

interface MediaType {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const JSON_TYPES = new Set(['application/json', '*/*', 'application/*']);
const YAML_TYPES = new Set(['application/yaml', 'application/x-yaml', 'text/yaml']);

/** Splits an `Accept` header into its media types, the preferred ones first. */
export function parseAccept(accept: string | undefined): readonly MediaType[] {
  if (accept === undefined || accept.trim() === '') return [{ type: '*/*', parameters: {} }];
  const types = accept.split(',').map((clause) => {
    const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
    const parameters: Record<string, string> = {};
    for (const part of rest) {
      const [key = '', value = ''] = part.split('=');
      parameters[key.trim().toLowerCase()] = value.trim();
    }
    return { type: type.toLowerCase(), parameters };
  });
  const quality = ({ parameters }: MediaType): number => (parameters['q'] === undefined ? 1 : Number(parameters['q']));
  return types.filter((type) => quality(type) > 0).sort((a, b) => quality(b) - quality(a));
}

function includeObjectOf(text: string | null): IncludeObject {
  return text === 'None' || text === 'Object' ? text : 'Metadata';
}

/**
 * Chooses the representation that a client wants of objects and lists (Kubernetes documentation, API concepts,
 * § Alternate representations of resources).
 *
 * @throws StatusError 406 when nothing that it accepts can be served, such as protobuf alone.
 */
export function negotiate(accept: string | undefined, query: URLSearchParams): Negotiated {
  for (const { type, parameters } of parseAccept(accept)) {
    const format = JSON_TYPES.has(type) ? 'json' : YAML_TYPES.has(type) ? 'yaml' : undefined;
    if (format === undefined) continue;
    const { as, g = 'meta.k8s.io' } = parameters;
    if (as === undefined) return { representation: { kind: 'object' }, format };
    if (g !== 'meta.k8s.io') continue;
    if (as === 'Table') {
      return { representation: { kind: 'table', includeObject: includeObjectOf(query.get('includeObject')) }, format };
    }
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      return { representation: { kind: 'metadata' }, format };
    }
  }
  throw new StatusError(
    failure(406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml'),
  );
}
