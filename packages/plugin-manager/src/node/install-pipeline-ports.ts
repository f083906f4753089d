import type { ArchivePlan } from '../core/archive-plan.ts';
import type { PublisherCheck } from '../core/publisher.ts';
import type { PluginHost } from '../protocol/host.ts';
import type { PluginLimits } from '../protocol/limits.ts';
import type { PluginRef } from '../protocol/plugin-id.ts';
import type { Receipt, ReceiptFile } from '../protocol/receipt.ts';
import type { Digest, ExtraFile, Release } from '../protocol/release.ts';
import type { InstalledState, PluginState, PublisherChange, PublisherPin } from '../protocol/state.ts';

/** What is installed if nothing speaks against it. */
export interface ResolvedRelease {
  readonly release: Release;
  /** What could not be checked, in words. */
  readonly notChecked: readonly string[];
}

/** An archive that has come: its bytes are those of the release. */
export interface DownloadedArchive {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** The URLs that it came from, without queries; empty where nobody knows any more. */
  readonly urlChain: readonly string[];
}

/** An archive that was kept. */
export interface CachedArchive extends Pick<DownloadedArchive, 'sha256' | 'urlChain'> {
  readonly path: string;
}

/** Where a version is put together. */
export interface StagingPort {
  /** An empty folder. */
  readonly path: string;
  readonly archivePath: string;
  discard(): Promise<void>;
}

/** What a commit makes of the plugin, beside the build. */
export interface CommitDecision {
  readonly publisher: PublisherPin;
  /** Default: as it was; true at the first install. */
  readonly isEnabled?: boolean | undefined;
}

/** What the pipeline needs of the store. */
export interface StorePort<S extends StagingPort = StagingPort> {
  state(): Promise<PluginState>;
  verify(pluginId: string, signal?: AbortSignal): Promise<{ readonly build: string; readonly isIntact: boolean }>;
  receipt(pluginId: string, build: string): Promise<Receipt>;
  setEnabled(pluginId: string, isEnabled: boolean): Promise<InstalledState>;
  stage(pluginId: string): Promise<S>;
  /**
   * `decide` is asked under the lock about what is installed then; what it throws ends the commit. The disk has the
   * `synced` files already.
   */
  commit(
    staging: S,
    receipt: Receipt,
    decide: (current: InstalledState | undefined) => CommitDecision,
    synced: readonly ReceiptFile[],
  ): Promise<InstalledState>;
  readonly cache: {
    find(sha256: string, signal?: AbortSignal): Promise<string | undefined>;
    /** An archive whose bytes are those of the release; `sha256` in hex. */
    findRelease(release: Release, signal?: AbortSignal): Promise<CachedArchive | undefined>;
    keep(path: string, sha256: string): Promise<string>;
    /** `urlChain`: the way that it came. */
    remember(release: Release, archive: Pick<DownloadedArchive, 'sha256' | 'urlChain'>): Promise<void>;
  };
}

/** What the policy says; each throws a `PluginError` for what it does not allow. */
export interface PolicyPort {
  checkPlugin(ref: PluginRef): void;
  checkVersion(release: Release, installedVersion: string | undefined): void;
  /** The changes that were accepted. */
  checkPublisher(pluginId: string, check: PublisherCheck): readonly PublisherChange[];
  /** Of the platform that this is. */
  extraFilesOf(release: Release): readonly ExtraFile[];
  /** The key of the signature; undefined where none is needed, and there is none. */
  verifySignature(
    release: Release,
    archive: { readonly sha256: string; readonly bytes: number },
  ): Promise<string | undefined> | string | undefined;
}

/** The parts that an install goes through. */
export interface InstallPorts<S extends StagingPort = StagingPort> {
  readonly host: PluginHost;
  readonly limits: PluginLimits;
  readonly policy: PolicyPort;
  readonly store: StorePort<S>;
  /** Throws for an archive whose URL or host the policy does not allow, before anything is fetched. */
  checkArchiveUrl(release: Release): void;
  /** The release of a version; without one the newest that the host can run. */
  resolve(ref: PluginRef, version: string | undefined, signal: AbortSignal): Promise<ResolvedRelease>;
  download(options: {
    readonly release: Release;
    readonly destination: string;
    readonly signal: AbortSignal;
    readonly onBytes: (done: number, total?: number) => void;
  }): Promise<DownloadedArchive>;
  /** Under the same rules as an archive, from the hosts that the policy allows for extra files. */
  downloadExtraFile(options: {
    readonly ref: PluginRef;
    readonly url: string;
    readonly digest: Digest;
    readonly destination: string;
    readonly maxBytes: number;
    readonly signal: AbortSignal;
    readonly onBytes: (done: number, total?: number) => void;
  }): Promise<Pick<DownloadedArchive, 'bytes' | 'sha256'>>;
  planArchive(path: string, limits: PluginLimits, signal: AbortSignal): Promise<ArchivePlan>;
  /** Gives the files that it wrote; the disk has them. */
  extractArchive(
    path: string,
    plan: ArchivePlan,
    destination: string,
    options: { readonly limits: PluginLimits; readonly signal: AbortSignal },
  ): Promise<readonly ReceiptFile[]>;
  /** Milliseconds since 1970. */
  now(): number;
}
