/** Pattern of one part of a plugin id. */
const part = '[a-z0-9][a-z0-9._-]{0,63}';

/** One part of a plugin id: a source, a repository or a name. No part may hold a `~`, `:` or `/`. */
export const idPartPattern = new RegExp(`^${part}$`);

/** `<source>:<repo>/<name>`, with its parts as groups. */
export const pluginIdPattern = new RegExp(`^(${part}):(${part})/(${part})$`);
