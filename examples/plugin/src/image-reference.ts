/** A reference to a container image, taken apart. */
export interface ImageReference {
  /** With its registry where it names one: `ghcr.io/acme/api`. */
  readonly repository: string;
  /** `latest` where the reference has neither a tag nor a digest, which is what it then means. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** What runs may change without the reference changing: the tag `latest`, said or meant, and no digest. */
  readonly isFloating: boolean;
}

/**
 * Takes a reference apart (`[registry[:port]/]path[:tag][@digest]`, the grammar of
 * https://github.com/distribution/reference).
 */
export function parseImage(reference: string): ImageReference {
  const [named = '', digest] = reference.split('@', 2);
  // A colon before a slash is that of a port.
  const [, repository = named, tag] = /^(.+?)(?::([^:/]+))?$/.exec(named) ?? [];
  const meant = tag ?? (digest === undefined ? 'latest' : undefined);
  return { repository, tag: meant, digest, isFloating: meant === 'latest' && digest === undefined };
}

/** What stands behind the repository: the tag, or the beginning of the digest. */
export function versionText({ tag, digest }: ImageReference): string {
  return tag ?? digest?.replace(/^(\w+:)?(.{12}).*$/, '$2') ?? '';
}
