import { PluginError } from '../protocol/error.ts';
import type { Mismatch } from './check-shape.ts';

/** E_RESPONSE_INVALID: `where` is a URL, or names an annotation. */
export function invalidResponse(where: string, { expected, found, path }: Mismatch, pluginId?: string): PluginError {
  const place = path === '' ? where : `${path} of ${where}`;
  const message = `${place}: ${expected}, got ${found}`;
  return new PluginError('E_RESPONSE_INVALID', message, {
    phase: 'resolve',
    pluginId,
    details: { where, path, expected, found },
  });
}
