import { readFileSync } from 'node:fs';
import { PluginError } from '@fleetwire/plugin-manager';
import { parsePolicy, withPathsOf, type PluginPolicy } from '@fleetwire/plugin-manager/node';
import { LineCounter, parseDocument } from 'yaml';
import { ConfigError, type Config } from '../config/schema.ts';

/** The policy of plugins that the configuration names, or the default one. Throws a {@link ConfigError} that names file and key. */
export function readPluginPolicy({ pluginPolicy: path }: Pick<Config, 'pluginPolicy'>): PluginPolicy {
  if (path === undefined) return parsePolicy({});
  const problem = (text: string) => new ConfigError([`pluginPolicy: ${path}${text}`]);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw problem(`: expected a file that can be read, got ${(error as Error).message}`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined)
    throw problem(`:${String(lines.linePos(error.pos[0]).line)}: expected YAML or JSON; ${error.message}`);
  try {
    // A file of comments alone says nothing else than no file.
    return withPathsOf(parsePolicy(document.toJS() ?? {}), path);
  } catch (thrown) {
    if (thrown instanceof PluginError) throw problem(`: ${thrown.message}`);
    throw thrown;
  }
}
