/** How a code is treated: whether the same call may succeed later, and when it arises. */
interface CodeInfo {
  readonly retryable: boolean;
  readonly when: string;
}

/**
 * Every code of a {@link PluginError}, a closed set. `docs/errors.md` lists them, compared with this table by a test.
 */
export const pluginErrors = {
  // The request.
  E_NAME_REQUIRED: { retryable: false, when: 'no name was given' },
  E_NAME_INVALID: {
    retryable: false,
    when: 'what was given is no plugin id, no name that a folder may have, or the name of several plugins',
  },
  E_NOT_INSTALLED: { retryable: false, when: 'the plugin is not installed' },
  E_NOT_FOUND: {
    retryable: false,
    when: 'no source has the plugin, or not in this version; or the index of a folder is not there now, which may pass',
  },
  E_UP_TO_DATE: { retryable: false, when: 'the newest compatible version is installed already' },
  E_CANCELLED: { retryable: false, when: 'the operation was cancelled' },
  E_TIMEOUT: { retryable: true, when: 'the whole operation took longer than it may' },
  E_NO_ROLLBACK: { retryable: false, when: 'no earlier version is kept' },
  E_UNMANAGED: {
    retryable: false,
    when: 'the folder of a plugin has no receipt, or that of the store is none and holds something of somebody else under a name of a store: it is listed, and never changed',
  },
  // Policy.
  E_SOURCE_DENIED: { retryable: false, when: 'the policy does not allow the source' },
  E_PLUGIN_DENIED: { retryable: false, when: 'the policy denies the plugin, or does not allow it' },
  E_PRERELEASE_DENIED: { retryable: false, when: 'the policy allows no prereleases' },
  E_DOWNGRADE_DENIED: {
    retryable: false,
    when: 'the version is older than the installed one, and the policy allows none',
  },
  E_PUBLISHER_CHANGED: {
    retryable: false,
    when: 'source, repository, package name or signing key differ from those of the first install',
  },
  E_EXTRA_FILES_DENIED: {
    retryable: false,
    when: 'the package asks for extra files from a host that the policy does not allow',
  },
  E_PINNED: { retryable: false, when: 'the plugin is pinned to its version' },
  E_POLICY_INVALID: { retryable: false, when: 'the policy is not what it must be' },
  // The way there.
  E_URL_INVALID: {
    retryable: false,
    when: 'a URL is not https, holds credentials, dot segments or a fragment, or is no page of a source',
  },
  E_HOST_DENIED: { retryable: false, when: 'the policy does not allow the host of a URL or a redirect' },
  E_ADDRESS_BLOCKED: { retryable: false, when: 'a host resolves to an address that is not public' },
  E_REDIRECT: { retryable: false, when: 'too many redirects, or one without a target' },
  E_HTTP_STATUS: { retryable: true, when: 'the server answers with a status that is no success' },
  E_NETWORK: { retryable: true, when: 'the connection failed or was reset' },
  E_TLS: { retryable: false, when: 'the certificate of the server is not trusted' },
  E_RESPONSE_TIMEOUT: { retryable: true, when: 'the server was silent or too slow' },
  E_RESPONSE_TOO_LARGE: { retryable: false, when: 'a body is larger than its limit, or than the server said' },
  E_RESPONSE_TRUNCATED: { retryable: true, when: 'a body is shorter than the server said' },
  E_RESPONSE_INVALID: { retryable: false, when: 'an answer of a source is not what its API says' },
  E_OFFLINE: { retryable: true, when: 'the source does not answer, and the archive that was kept is damaged' },
  // Integrity and signature.
  E_CHECKSUM_MISSING: { retryable: false, when: 'the source gives no checksum' },
  E_CHECKSUM_ALGORITHM: {
    retryable: false,
    when: 'the checksum is of an algorithm other than sha256, sha384 and sha512',
  },
  E_INTEGRITY: {
    retryable: false,
    when: 'the digest of a file is not that of the source, of a lock file, or of the version when installed',
  },
  E_SIGNATURE_MISSING: {
    retryable: false,
    when: 'the policy requires a signature, and there is none, or none was verified at the install',
  },
  E_SIGNATURE_INVALID: { retryable: false, when: 'the signature does not fit, or is one of another plugin or version' },
  E_KEY_UNKNOWN: {
    retryable: false,
    when: 'no key of the policy made the signature, or none that may sign the plugin',
  },
  E_KEY_REVOKED: { retryable: false, when: 'the key that made the signature is revoked' },
  // The archive.
  E_ARCHIVE_FORMAT: { retryable: false, when: 'the archive is no gzip of a tar' },
  E_ARCHIVE_TRUNCATED: { retryable: false, when: 'the archive ends too early' },
  E_ARCHIVE_TRAILING: { retryable: false, when: 'something follows the end of the archive' },
  E_ARCHIVE_HEADER: { retryable: false, when: 'a header is damaged, or says what cannot be' },
  E_ARCHIVE_SIZE: { retryable: false, when: 'the archive, a file or all files are larger than their limits' },
  E_ARCHIVE_RATIO: { retryable: false, when: 'the archive grows more than it may when it is unpacked' },
  E_ARCHIVE_ENTRIES: { retryable: false, when: 'the archive has too many entries' },
  E_ARCHIVE_EMPTY: { retryable: false, when: 'the archive holds no file' },
  E_ARCHIVE_LAYOUT: { retryable: false, when: 'the archive has no top folder, or several' },
  E_ENTRY_TYPE: { retryable: false, when: 'an entry is neither a regular file nor a folder' },
  E_ENTRY_MODE: { retryable: false, when: 'an entry has bits of mode that it may not have' },
  E_ENTRY_DUPLICATE: {
    retryable: false,
    when: 'two entries have the same path, or differ by case or normal form alone',
  },
  E_PATH_TRAVERSAL: { retryable: false, when: 'a path leads out of its folder, or begins at a root' },
  E_PATH_INVALID: {
    retryable: false,
    when: 'a path holds what no path may: backslashes, control characters, reserved names',
  },
  E_PATH_TOO_LONG: { retryable: false, when: 'a path or a segment is too long, or too deep' },
  // The manifest.
  E_MANIFEST_MISSING: { retryable: false, when: 'the top folder has no package.json' },
  E_MANIFEST_INVALID: { retryable: false, when: 'package.json is not what it must be' },
  E_MANIFEST_MISMATCH: {
    retryable: false,
    when: 'the version of package.json is not that of the catalog',
  },
  E_ENTRY_MISSING: {
    retryable: false,
    when: 'the entry that package.json names, or what is to be taken of an extra file, is not among the files',
  },
  E_ENTRY_INVALID: {
    retryable: false,
    when: 'the entry that is to be packed is no ES module, or imports what neither the package nor a page has',
  },
  // Compatibility.
  E_INCOMPATIBLE_HOST: { retryable: false, when: 'no version is for this version of the host' },
  E_INCOMPATIBLE_DISTRO: { retryable: false, when: 'no version is for this distribution of the host' },
  // The store.
  E_LOCKED: { retryable: true, when: 'another process holds the store for too long' },
  E_STATE_CORRUPT: {
    retryable: false,
    when: 'state.json cannot be read, or is gone while builds are there; `repair` rebuilds it from the receipts',
  },
  E_STATE_NEWER: { retryable: false, when: 'state.json is of a newer version of this program' },
  E_FILES_CHANGED: { retryable: false, when: 'installed files are not what the receipt says' },
  E_STORE_UNWRITABLE: { retryable: false, when: 'the store is read-only, or belongs to somebody else' },
  E_STORE_FULL: { retryable: true, when: 'no space is left' },
  E_STORE: { retryable: false, when: 'the file system failed in another way' },
  E_SYNC_INVALID: { retryable: false, when: 'plugins.yaml or its lock file are not what they must be' },
} as const satisfies Readonly<Record<string, CodeInfo>>;

/** A code of a {@link PluginError}. */
export type PluginErrorCode = keyof typeof pluginErrors;
