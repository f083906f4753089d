/** A regular file of an archive. */
export interface PlannedFile {
  /** Below the top folder, with `/`. */
  readonly path: string;
  readonly size: number;
  /** Place among the entries of the archive, from 0. */
  readonly index: number;
}

/** What an archive holds: all headers were read, and everything is allowed. Nothing has been written yet. */
export interface ArchivePlan {
  /** The one folder that everything is in; not part of the paths. */
  readonly topFolder: string;
  readonly files: readonly PlannedFile[];
  /** Below the top folder, parents before children, those that only files name too. */
  readonly directories: readonly string[];
  /** Of all files. */
  readonly totalBytes: number;
}
