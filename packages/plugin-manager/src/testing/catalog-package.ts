import { createHash } from 'node:crypto';

/** One version of a package of the catalog server. */
export interface CatalogVersion {
  readonly version: string;
  readonly archive: Uint8Array;
  readonly prerelease?: boolean;
  /** When it was published, in seconds since 1970, as Artifact Hub counts. Default: 0 there, and none in the index. */
  readonly ts?: number;
  /** Laid over those that the server makes (`archive-url`, `archive-checksum`); null removes one. */
  readonly annotations?: Readonly<Record<string, string | null>>;
  /** As Artifact Hub gives them: `[{kind, description}]`, or texts. */
  readonly changes?: unknown;
}

/** A package of the catalog server; the first version is what the detail without a version shows. */
export interface CatalogPackage {
  readonly repo: string;
  readonly name: string;
  /** Default: made of the repository's name. */
  readonly repositoryId?: string;
  readonly title?: string;
  readonly description?: string;
  readonly author?: string;
  /** Default: the title as a heading. */
  readonly readme?: string;
  readonly versions: readonly [CatalogVersion, ...CatalogVersion[]];
}

/** Where the server serves the archive of a version. */
export function archivePath({ repo, name }: CatalogPackage, { version }: CatalogVersion): string {
  return `/archives/${repo}/${name}/${version}.tar.gz`;
}

/** The annotations of a version. */
export function annotationsOf(item: CatalogPackage, version: CatalogVersion, origin: string): Record<string, string> {
  const made: Record<string, string | null> = {
    'headlamp/plugin/archive-url': `${origin}${archivePath(item, version)}`,
    'headlamp/plugin/archive-checksum': `SHA256:${createHash('sha256').update(version.archive).digest('hex')}`,
    ...version.annotations,
  };
  return Object.fromEntries(Object.entries(made).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** A package as Artifact Hub's search shows it. */
export function summaryOf(item: CatalogPackage, version: CatalogVersion = item.versions[0]): Record<string, unknown> {
  const { repo, name, title = name, description = '', repositoryId = `id-of-${repo}` } = item;
  return {
    package_id: `package-${repo}-${name}`,
    name,
    normalized_name: name,
    display_name: title,
    description,
    version: version.version,
    stars: 0,
    official: false,
    deprecated: false,
    signed: false,
    ts: version.ts ?? 0,
    repository: {
      repository_id: repositoryId,
      kind: 21,
      name: repo,
      display_name: repo,
      url: `https://github.com/${repo}/${repo}`,
      official: false,
      verified_publisher: false,
      user_alias: repo,
    },
  };
}

/** A version as Artifact Hub's package detail shows it. */
export function detailOf(item: CatalogPackage, version: CatalogVersion, origin: string): Record<string, unknown> {
  return {
    ...summaryOf(item, version),
    readme: readmeOf(item),
    prerelease: version.prerelease ?? false,
    data: annotationsOf(item, version, origin),
    ...(version.changes !== undefined && { changes: version.changes }),
    available_versions: item.versions.map((known) => ({
      version: known.version,
      ts: known.ts ?? 0,
      prerelease: known.prerelease ?? false,
      contains_security_updates: false,
    })),
  };
}

/** The static index of packages, as `createIndexSource` and `createFileSource` read it. */
export function indexOf(packages: readonly CatalogPackage[], origin: string): Record<string, unknown> {
  return {
    schemaVersion: 1,
    plugins: packages.map((item) => ({
      repo: item.repo,
      name: item.name,
      title: item.title ?? item.name,
      description: item.description ?? '',
      author: item.author,
      readme: readmeOf(item),
      repositoryId: item.repositoryId ?? `id-of-${item.repo}`,
      versions: item.versions.map((version) => ({
        version: version.version,
        prerelease: version.prerelease ?? false,
        ...(version.ts !== undefined && { publishedAt: version.ts * 1_000 }),
        annotations: annotationsOf(item, version, origin),
        ...(version.changes !== undefined && { changes: version.changes }),
      })),
    })),
  };
}

function readmeOf({ name, title = name, readme = `# ${title}` }: CatalogPackage): string {
  return readme;
}
