import type { ResourceDefinition } from '../core/resource-definition.ts';
import { unknownFields } from '../core/schema-check.ts';
import { badRequest } from '../core/status-errors.ts';

const MODES = ['Ignore', 'Strict', 'Warn'];

// A header of more than a few lines helps nobody.
const MAX_WARNINGS = 10;

// What a strategic merge patch says beside the fields: `$patch`, `$setElementOrder/containers`.
const DIRECTIVE = /(^|\.)\$/;

/**
 * Looks for fields that the schema does not know, as `fieldValidation` asks (Kubernetes documentation, API concepts,
 * § Field validation). The outcome is the headers of the answer: with `Warn`, which is the default, a warning for each.
 *
 * @throws StatusError 400 with `Strict`, and for an unknown mode.
 */
export function checkFields(
  definition: ResourceDefinition,
  body: unknown,
  mode: string | null,
): Readonly<Record<string, string>> {
  if (mode === 'Ignore') return {};
  if (mode !== null && mode !== '' && !MODES.includes(mode)) {
    throw badRequest(
      `fieldValidation: Unsupported value: "${mode}": supported values: ${MODES.map((one) => `"${one}"`).join(', ')}`,
    );
  }
  const unknown = unknownFields(definition, body)
    .filter((path) => !DIRECTIVE.test(path))
    .map((path) => `unknown field "${path}"`);
  if (unknown.length === 0) return {};
  if (mode === 'Strict') {
    const { kind, version } = definition;
    throw badRequest(
      `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${unknown.join(', ')}`,
    );
  }
  const warnings = unknown.slice(0, MAX_WARNINGS).map((text) => `299 - ${JSON.stringify(text)}`);
  // Header values are bytes; a field's name may be any text.
  return { warning: warnings.join(', ').replaceAll(/[^\x20-\x7e]/g, '?') };
}
