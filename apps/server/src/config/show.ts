import { stringify } from 'yaml';
import type { ReadConfig } from './read.ts';
import { configKeys } from './schema.ts';

/** The configuration as YAML, each key with where its value came from; secrets hidden. */
export function showConfig({ config, sources }: ReadConfig): string {
  return configKeys
    .flatMap(({ name, secret, file }) => {
      const value = config[name];
      const source = sources.get(name) ?? 'default';
      if (value === undefined) return file === 'never' ? [] : [`# ${name}: not set`];
      const shown = secret === true ? '(hidden)' : value;
      const [first = '', ...rest] = stringify({ [name]: shown }, { flowCollectionPadding: false, lineWidth: 0 })
        .trimEnd()
        .split('\n');
      return [`${file === 'never' ? '# ' : ''}${first} # ${source}`, ...rest];
    })
    .join('\n')
    .concat('\n');
}
