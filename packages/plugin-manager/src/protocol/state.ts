/** A version in the store: `store/<folder>/<build>`. */
export interface InstalledBuild {
  readonly version: string;
  /** `<version>-<first 12 hex digits of the SHA-256 of its receipt>`: what else is in it has another name. */
  readonly build: string;
  /** Of the archive, in hex. */
  readonly sha256: string;
  readonly installedAt: number;
}

/** What the first install binds a plugin to. */
export interface PublisherPin {
  readonly repositoryId: string;
  readonly packageName: string;
  /** Key of the signature; absent where the first install had none. */
  readonly keyId?: string | undefined;
}

/** One thing of a publisher that is not as it was pinned. */
export interface PublisherChange {
  readonly what: 'repositoryId' | 'packageName' | 'keyId';
  readonly expected: string;
  /** Absent where there is none any more. */
  readonly found?: string | undefined;
}

/**
 * What somebody with the right to do so takes in the place of the pin. `true`: whatever repository and package name are
 * found. Otherwise those that are named, and nothing else. Another key, or none (`null`), has to be named: it is never
 * taken by the way.
 */
export type AcceptedPublisher =
  | boolean
  | {
      readonly repositoryId: string;
      readonly packageName?: string | undefined;
      readonly keyId?: string | null | undefined;
    };

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
