import { pluginIdOfFolder } from '../core/state/folder-names.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';

/**
 * The plugin that a segment of an address names, decoded: by its id, or by its folder (`<source>~<repo>~<name>`), which
 * needs no percent-encoding. Throws a PluginError with E_NAME_REQUIRED or E_NAME_INVALID.
 */
export function readPluginId(text: string): string {
  const id = pluginIdOfFolder(text) ?? text;
  parsePluginId(id);
  return id;
}
