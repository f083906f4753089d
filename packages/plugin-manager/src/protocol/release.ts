import type { PluginRef } from './plugin-id.ts';

/** Digests that an archive may be checked by; md5 and sha1 are none. */
export const digestAlgorithms = ['sha256', 'sha384', 'sha512'] as const;

/** What the bytes of an archive must come to. */
export interface Digest {
  readonly algorithm: (typeof digestAlgorithms)[number];
  /** Lower-case. */
  readonly hex: string;
}

/** An Ed25519 signature over the UTF-8 of `{"id":…,"version":…,"sha256":…,"size":…}`, keys in this order, no spaces. */
export interface ReleaseSignature {
  readonly keyId: string;
  /** Base64. */
  readonly value: string;
}

/** A file beside the archive that a package asks for; denied unless the policy allows its host. */
export interface ExtraFile {
  readonly url: string;
  readonly digest: Digest;
  readonly arch: string;
  readonly outputs: readonly { readonly input: string; readonly output: string }[];
}

/** One version of a plugin, as a source describes it. */
export interface Release {
  readonly ref: PluginRef;
  /** Semantic Versioning 2.0.0. */
  readonly version: string;
  /** What the source calls the repository for ever, whatever its name is. */
  readonly repositoryId: string;
  readonly archiveUrl: string;
  readonly digest: Digest;
  readonly signature?: ReleaseSignature | undefined;
  readonly isPrerelease: boolean;
  /** Range for the host's API level (`headlamp/plugin/version-compat`). */
  readonly headlampVersions?: string | undefined;
  /** Range for the host's version (`fleetwire/plugin/version-compat`). */
  readonly hostVersions?: string | undefined;
  /** Distributions that it is for (`distro-compat`); none named: for all. */
  readonly distros?: readonly string[] | undefined;
  readonly extraFiles: readonly ExtraFile[];
  /** What the publisher says is new in it; `kind` as Artifact Hub names it: added, changed, fixed, security, … */
  readonly changes?: readonly { readonly kind?: string | undefined; readonly description: string }[] | undefined;
}

/** A plugin as search results show it. */
export interface CatalogItem {
  readonly ref: PluginRef;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly author?: string | undefined;
  readonly isOfficial?: boolean | undefined;
  readonly stars?: number | undefined;
}

/** A plugin with what is known of all its versions. */
export interface CatalogEntry extends CatalogItem {
  readonly repositoryId: string;
  readonly readme?: string | undefined;
  readonly homeUrl?: string | undefined;
  /** Newest first, by precedence of Semantic Versioning. */
  readonly versions: readonly {
    readonly version: string;
    readonly isPrerelease: boolean;
    readonly publishedAt?: number | undefined;
  }[];
}
