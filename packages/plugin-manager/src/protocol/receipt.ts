import type { PluginRef } from './plugin-id.ts';
import type { Digest, Release, ReleaseSignature } from './release.ts';

/** One file of an installed version. */
export interface ReceiptFile {
  /** Below the version's folder, with `/`. */
  readonly path: string;
  readonly size: number;
  /** SHA-256, in hex. */
  readonly sha256: string;
  /** Subresource Integrity (https://www.w3.org/TR/SRI/), `sha384-…`. */
  readonly integrity: string;
}

/** A file beside the archive, as a package asks for it. */
export interface ReceiptExtraFile {
  /** Without a query, which may hold a signature. */
  readonly url: string;
  readonly digest: Digest;
  /** The platform that it is for, such as `linux/x64`; absent in receipts of earlier versions of this program. */
  readonly arch?: string | undefined;
}

/** What stands beside the files of an installed version, and says where each byte came from. */
export interface Receipt {
  readonly schemaVersion: 1;
  readonly managed: true;
  readonly ref: PluginRef;
  readonly version: string;
  readonly repositoryId: string;
  /** Of package.json. */
  readonly packageName: string;
  readonly title: string;
  readonly author?: string | undefined;
  readonly homeUrl?: string | undefined;
  /** What the source said; checked. */
  readonly digest: Digest;
  /** SHA-256 of the archive, in hex. */
  readonly sha256: string;
  readonly archiveBytes: number;
  /** The URL of the archive and each that it was redirected to. */
  readonly urlChain: readonly string[];
  /** As the source gave it, verified or not. */
  readonly signature?: ReleaseSignature | undefined;
  /** Of the key that verified the signature; absent where there was none, or the policy looked at none. */
  readonly keyId?: string | undefined;
  /** Path of the ES module, for a package that has one. */
  readonly entry?: string | undefined;
  /** `contributes` of package.json, as it is. */
  readonly contributes?: unknown;
  /**
   * The hosts that it is for, so that another host than the one it was installed for can judge; `engines` and
   * `sdk` are `engines.fleetwire` and `engines["fleetwire-sdk"]` of package.json. Absent in receipts of earlier versions of this program.
   */
  readonly compat?:
    | (Pick<Release, 'headlampVersions' | 'hostVersions' | 'distros'> & {
        readonly engines?: string | undefined;
        readonly sdk?: string | undefined;
      })
    | undefined;
  /** Where those of its files came from that are not of the archive. */
  readonly extraFiles?: readonly ReceiptExtraFile[] | undefined;
  /** What the package asks for on other platforms: nothing of it is here, and a lock file names it. */
  readonly otherExtraFiles?: readonly ReceiptExtraFile[] | undefined;
  readonly files: readonly ReceiptFile[];
  /** Milliseconds since 1970. */
  readonly installedAt: number;
}
