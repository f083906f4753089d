/** A version in the store: `store/<folder>/<build>`. */
export interface InstalledBuild {
  readonly version: string;
  /** `<version>-<first 12 hex digits of the archive's SHA-256>`. */
  readonly build: string;
  readonly installedAt: number;
}

/** What the first install binds a plugin to. */
export interface PublisherPin {
  readonly repositoryId: string;
  readonly packageName: string;
  /** Key of the signature; absent where the first install had none. */
  readonly keyId?: string | undefined;
}

/** A plugin of the store. */
export interface InstalledState {
  readonly active: InstalledBuild;
  /** Newest first, two at most; `rollback` takes the first. */
  readonly previous: readonly InstalledBuild[];
  readonly isEnabled: boolean;
  /** It is not updated. */
  readonly isPinned: boolean;
  readonly publisher: PublisherPin;
}

/** `state.json`: which versions are active. One atomic replacement of it switches everything. */
export interface PluginState {
  readonly schemaVersion: 1;
  /** Grows by one at each change. */
  readonly generation: number;
  /** By plugin id. */
  readonly plugins: Readonly<Record<string, InstalledState>>;
}
