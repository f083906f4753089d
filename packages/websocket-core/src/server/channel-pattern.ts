/** Compiled name pattern of a channel source: literal segments and `{name}` for one segment each, split at `/`. */
export interface ChannelPattern {
  readonly text: string;
  /** Segments by name, or undefined when the channel does not fit. */
  match(channel: string): Readonly<Record<string, string>> | undefined;
}

/** Compiles a pattern. Throws a TypeError for an empty segment or a name that is used twice. */
export function compileChannelPattern(text: string): ChannelPattern {
  const parts = text.split('/').map((part) => {
    if (part === '') throw new TypeError(`channel pattern ${JSON.stringify(text)}: expected no empty segment`);
    return part.startsWith('{') && part.endsWith('}') ? { name: part.slice(1, -1) } : { literal: part };
  });
  const names = parts.flatMap((part) => ('name' in part ? [part.name] : []));
  if (new Set(names).size !== names.length || names.includes('')) {
    throw new TypeError(`channel pattern ${JSON.stringify(text)}: expected different, non-empty names in braces`);
  }
  return {
    text,
    match(channel) {
      const segments = channel.split('/');
      if (segments.length !== parts.length) return undefined;
      const found: Record<string, string> = Object.create(null) as Record<string, string>;
      for (const [index, part] of parts.entries()) {
        const segment = segments[index] as string;
        if (segment === '') return undefined;
        if ('name' in part) found[part.name] = segment;
        else if (part.literal !== segment) return undefined;
      }
      return found;
    },
  };
}
