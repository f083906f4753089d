import { join } from 'node:path';
import { folderNameOf } from '../../core/state/folder-names.ts';

/** Where the store keeps what. All paths are absolute. */
export interface StoreLayout {
  readonly root: string;
  readonly stateFile: string;
  /** What `state.json` is written to before it takes its name. */
  readonly stateDraft: string;
  /** A `state.json` that could not be read, kept by a repair. */
  readonly corruptState: string;
  readonly auditFile: string;
  /** What the audit was before it became too large. */
  readonly olderAuditFile: string;
  /** `<folder of the plugin>/<build>/{receipt.json, files/}`. */
  readonly store: string;
  /** `<token of a process>/<number>/{archive.part, build/}`. */
  readonly staging: string;
  readonly trash: string;
  /** `<SHA-256>.tgz`, and beside each what its sources said of it. */
  readonly cache: string;
  /** `store.db` is the lock of the store, `<token>.db` says that a process lives. */
  readonly lock: string;
  readonly storeLock: string;
}

/** The layout below a folder. */
export function storeLayout(root: string): StoreLayout {
  return {
    root,
    stateFile: join(root, 'state.json'),
    stateDraft: join(root, 'state.json.draft'),
    corruptState: join(root, 'state.corrupt.json'),
    auditFile: join(root, 'audit.jsonl'),
    olderAuditFile: join(root, 'audit.1.jsonl'),
    store: join(root, 'store'),
    staging: join(root, 'staging'),
    trash: join(root, 'trash'),
    cache: join(root, 'cache'),
    lock: join(root, 'lock'),
    storeLock: join(root, 'lock', 'store.db'),
  };
}

/** Folders of the root that are the store's own. */
export const ownFolders: ReadonlySet<string> = new Set([
  'store',
  'staging',
  'trash',
  'cache',
  'lock',
  // What stood in the place of `state.json` may be a folder.
  'state.corrupt.json',
]);

/** The folder of a plugin; that of one of its builds where `build` is given. */
export function folderOf({ store }: StoreLayout, pluginId: string, build?: string): string {
  return join(store, folderNameOf(pluginId), ...(build === undefined ? [] : [build]));
}

/** Beside the files of a build, where no file of a plugin can take its place. */
export function receiptPath(buildFolder: string): string {
  return join(buildFolder, 'receipt.json');
}

/** The files of a build, as the archive had them below its top folder. */
export function filesFolder(buildFolder: string): string {
  return join(buildFolder, 'files');
}

/** Where a build waits, in the place of staging of the one that is to come, until that one is active. */
export function displacedFolder(place: string): string {
  return join(place, 'displaced');
}
