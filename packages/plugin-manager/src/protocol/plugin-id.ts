import { PluginError } from './error.ts';
import { pluginIdPattern } from './id-part.ts';

/** A plugin by where it comes from. */
export interface PluginRef {
  /** Name of the source in the policy. */
  readonly source: string;
  readonly repo: string;
  readonly name: string;
}

/** `<source>:<repo>/<name>`. */
export function pluginIdOf({ source, repo, name }: PluginRef): string {
  return `${source}:${repo}/${name}`;
}

/**
 * The parts of a plugin id. Throws a {@link PluginError} with E_NAME_REQUIRED for an empty text, E_NAME_INVALID for what
 * is no id.
 */
export function parsePluginId(id: string): PluginRef {
  if (id === '')
    throw new PluginError('E_NAME_REQUIRED', 'expected a plugin id, got an empty text', { phase: 'resolve' });
  const [, source = '', repo = '', name = ''] = pluginIdPattern.exec(id) ?? [];
  if (source === '') {
    const expected = '<source>:<repo>/<name>, each of up to 64 of a-z, 0-9, ".", "_" and "-"';
    throw new PluginError(
      'E_NAME_INVALID',
      `expected a plugin id ${expected}; got ${JSON.stringify(id.slice(0, 200))}`,
      {
        phase: 'resolve',
      },
    );
  }
  return { source, repo, name };
}
