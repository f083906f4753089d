import type { Readable } from 'node:stream';
import type { PluginRef } from '../../protocol/plugin-id.ts';
import type { Receipt, ReceiptFile } from '../../protocol/receipt.ts';
import type { Release } from '../../protocol/release.ts';
import type { InstalledState, PluginState, PublisherPin } from '../../protocol/state.ts';

/** A place on the store's file system where a version is put together. */
export interface Staging {
  readonly pluginId: string;
  /** An empty folder for the plugin's files. */
  readonly path: string;
  /** Where the archive may be downloaded to; not there yet. */
  readonly archivePath: string;
  /** Removes all of it; a second call, or one after the commit, does nothing. */
  discard(): Promise<void>;
}

/** How the files of the active build compare with its receipt. Paths as in the receipt. */
export interface VerifyReport {
  readonly pluginId: string;
  readonly build: string;
  readonly isIntact: boolean;
  /** Other content, size or kind. */
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  /** There, and in no receipt. */
  readonly unexpected: readonly string[];
  /** Why the receipt itself is of no use. */
  readonly reason?: string | undefined;
}

/** What a repair made of the store. */
export interface RepairReport {
  /** Whether `state.json` was lost: then every plugin that came back is disabled. */
  readonly isRebuilt: boolean;
  readonly plugins: readonly string[];
  /** Plugins whose active version is gone, with nothing that may take its place by itself. */
  readonly broken: readonly string[];
  /**
   * Plugins whose active version was gone and that went back to an earlier one, by this repair or since the store was opened:
   * the opening does it, too. Not those that somebody changed since, nor what a repair before this one named. `from` and `to`
   * are versions.
   */
  readonly rolledBack: readonly { readonly pluginId: string; readonly from: string; readonly to: string }[];
}

/** A plugin of the state, with the receipt of its active build or why there is none. */
export type ManagedPlugin = {
  readonly pluginId: string;
  readonly folderName: string;
  readonly installed: InstalledState;
} & ({ readonly status: 'ok'; readonly receipt: Receipt } | { readonly status: 'broken'; readonly reason: string });

/** A folder that the store did not make: it is listed, and never changed. */
export interface UnmanagedPlugin {
  readonly folderName: string;
  readonly path: string;
}

/** A file of a build. */
export interface OpenedFile {
  readonly file: ReceiptFile;
  readonly receipt: Receipt;
  /** To be read to its end, or destroyed. */
  readonly content: Readable;
}

/** Installed plugins on a disk. Methods throw `PluginError`s, those of a disk with E_STORE_UNWRITABLE, E_STORE_FULL or E_STORE. */
export interface PluginStore {
  /** Each change puts another file in its place. */
  readonly stateFile: string;
  /** Resolves once the store may be changed; rejects with why it may not, E_UNMANAGED for a folder of somebody else. */
  ready(): Promise<void>;
  /** Throws E_STATE_CORRUPT and E_STATE_NEWER. */
  state(): Promise<PluginState>;
  /** Makes a place for a version; `discard` it in the end, whatever happens. */
  stage(pluginId: string): Promise<Staging>;
  /**
   * Makes what is staged the active version: whoever reads the state sees the old one or the new one, whole. `decide` is
   * asked under the lock, so that it sees what no other operation or process can change any more. Throws what `decide`
   * throws, and E_FILES_CHANGED where a staged file is not as long as the receipt says. The disk has the `synced` files
   * already (default: none): it need not be waited for again.
   */
  commit(
    staging: Staging,
    receipt: Receipt,
    decide: (current: InstalledState | undefined) => {
      readonly publisher: PublisherPin;
      /** Default: as it was; true at the first install. */
      readonly isEnabled?: boolean | undefined;
    },
    synced?: readonly ReceiptFile[],
  ): Promise<InstalledState>;
  /**
   * Throws E_NOT_INSTALLED, and E_UNMANAGED for a folder without a receipt. On a full disk the plugin's files go before the
   * state says so: where that makes no room enough (E_STORE_FULL), or is cut off, it is broken until the next call.
   */
  uninstall(pluginId: string): Promise<void>;
  /**
   * To the newest version before that is whole, without a network; what somebody added to it is removed. `warn` is told of
   * those that are passed over: what is damaged leaves the disk, what cannot be read stays, behind the others. Throws why
   * that version may not be loaded, or what may be gone at the next try (EMFILE), and removes nothing then; what is wrong with
   * the newest, E_FILES_CHANGED or E_STORE, where none is whole, and E_NO_ROLLBACK where none is kept.
   */
  rollback(pluginId: string, warn?: (message: string) => void): Promise<InstalledState>;
  setEnabled(pluginId: string, isEnabled: boolean): Promise<InstalledState>;
  setPinned(pluginId: string, isPinned: boolean): Promise<InstalledState>;
  /** Hashes the active build. Throws E_NOT_INSTALLED, and the reason of the signal: damage is in the report. */
  verify(pluginId: string, signal?: AbortSignal): Promise<VerifyReport>;
  /** Of a build. Throws E_FILES_CHANGED where it cannot be read. */
  receipt(pluginId: string, build: string): Promise<Receipt>;
  /** Makes state and store agree, from the receipts where `state.json` is lost. Throws E_STATE_NEWER. */
  repair(): Promise<RepairReport>;
  list(): Promise<{
    readonly generation: number;
    readonly managed: readonly ManagedPlugin[];
    readonly unmanaged: readonly UnmanagedPlugin[];
  }>;
  /** Throws E_FILES_CHANGED for a file that is not what the receipt of the build says. */
  checkFile(pluginId: string, build: string, path: string): Promise<ReceiptFile>;
  /**
   * Opens a file that the receipt of an active or kept build names, also of a disabled plugin: tabs that have loaded it
   * may need more of it until they hear of the change. Throws E_NOT_FOUND for all others, E_FILES_CHANGED for one that
   * has another content, or is reached through a link, and why the build may not be loaded.
   */
  openFile(pluginId: string, build: string, path: string): Promise<OpenedFile>;
  /**
   * Runs the work when all that came before it for this plugin in this process has ended. Where `left` resolves before, the
   * place is given up, and the call rejects.
   */
  queue<T>(pluginId: string, work: () => Promise<T>, left?: Promise<void>): Promise<T>;
  readonly cache: ArchiveCache;
  /** Appends a line to `audit.jsonl`; `at` is added. */
  audit(record: Readonly<Record<string, unknown>>): Promise<void>;
  dispose(): Promise<void>;
}

/** Archives by their SHA-256 in hex, with what their sources said of them. */
export interface ArchiveCache {
  /** The path of an archive that has this hash; one that has another is removed. */
  find(sha256: string, signal?: AbortSignal): Promise<string | undefined>;
  /** The archive of a release, by whatever digest the release has. */
  findRelease(
    release: Release,
    signal?: AbortSignal,
  ): Promise<{ readonly path: string; readonly sha256: string; readonly urlChain: readonly string[] } | undefined>;
  /** Moves a file of the same file system in; gives its new path. The oldest go when there is too much. */
  keep(path: string, sha256: string): Promise<string>;
  /** Lets the oldest archives go, 1 MiB or more of them where there is so much: the disk is full. */
  makeRoom(): Promise<void>;
  /** Keeps what the source said of an archive, and the way that it came, beside it. */
  remember(release: Release, archive: { readonly sha256: string; readonly urlChain: readonly string[] }): Promise<void>;
  /**
   * What the source said when an archive of this version was kept last, or the archive with this hash; undefined where
   * none is there any more.
   */
  recall(ref: PluginRef, version: string, sha256?: string): Promise<Release | undefined>;
}
