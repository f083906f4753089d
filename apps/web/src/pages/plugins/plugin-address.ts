const part = '[a-z0-9][a-z0-9._-]{0,63}';
const folderPattern = new RegExp(`^(${part})~(${part})~(${part})$`);

/** A plugin id `<source>:<repo>/<name>` as an address holds it: `<source>~<repo>~<name>`. */
export function folderOfId(id: string): string {
  return id.replace(':', '~').replace('/', '~');
}

/** The plugin id that an address names; undefined for what is none. */
export function idOfFolder(folder: string): string | undefined {
  const [, source, repo, name] = folderPattern.exec(folder) ?? [];
  return source === undefined ? undefined : `${source}:${repo ?? ''}/${name ?? ''}`;
}
