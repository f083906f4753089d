/** What the store does to the disk: one method per step that may fail, or be the last one before a crash. */
export interface StoreFileSystem {
  /** With parents; nothing happens where it is there. */
  makeFolder(path: string): Promise<void>;
  /** Writes a new file, or over one. */
  write(path: string, text: string): Promise<void>;
  append(path: string, text: string): Promise<void>;
  /** Until the disk has the file or the folder's entries (`fsync`). */
  sync(path: string): Promise<void>;
  /** Atomic within a file system (POSIX `rename`). */
  rename(from: string, to: string): Promise<void>;
  /** With all that is in it; nothing happens where it is not there. */
  remove(path: string): Promise<void>;
  /** Nothing happens where it is not there, or not empty. */
  removeEmptyFolder(path: string): Promise<void>;
  /** Undefined where it is not there. */
  read(path: string): Promise<string | undefined>;
  /** Sorted; none where it is not there. */
  entries(path: string): Promise<readonly FolderEntry[]>;
  /** Undefined where it is not there; of a link itself. */
  kind(path: string): Promise<FolderEntry['kind'] | undefined>;
}

/** What a folder holds. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}
