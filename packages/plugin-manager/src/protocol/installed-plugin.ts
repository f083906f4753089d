/** An installed plugin as `list` shows it. */
export interface InstalledPlugin {
  readonly pluginName: string;
  readonly folderName: string;
  /** Absent for a folder that has no receipt. */
  readonly artifacthubURL?: string;
  /** False for a folder without a receipt: it is listed, and never updated or removed. */
  readonly managed: boolean;
}
