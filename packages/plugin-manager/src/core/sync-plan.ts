import { PluginError } from '../protocol/error.ts';
import type { ReceiptExtraFile } from '../protocol/receipt.ts';
import type { Digest } from '../protocol/release.ts';
import type { PublisherPin } from '../protocol/state.ts';
import { isSameExtraFiles, type ExpectedArchive } from './expected-archive.ts';
import { parseVersion } from './release-version.ts';

/** A plugin of `plugins.yaml`. */
export interface WantedPlugin {
  readonly id: string;
  /** Default: the one of the lock file, else the newest that is compatible. */
  readonly version?: string | undefined;
  /** Default: as it is; true at the first install. */
  readonly enabled?: boolean | undefined;
  /** Default: as it is; false at the first install. */
  readonly pinned?: boolean | undefined;
}

/** A plugin of `plugins.lock.json`: what was installed, down to its bytes. */
export interface LockedPlugin extends PublisherPin {
  readonly version: string;
  /** As the source said. */
  readonly digest: Digest;
  /** Of the archive, in hex. */
  readonly sha256: string;
  /** Without a query, which may hold a signature. */
  readonly archiveUrl: string;
  /**
   * Of all platforms. Without `arch`, as earlier versions of this program wrote them, of the platform that it was installed
   * on alone. Absent where there are none.
   */
  readonly extraFiles?: readonly ReceiptExtraFile[] | undefined;
}

/** The lock, by plugin id. */
export type SyncLock = ReadonlyMap<string, LockedPlugin>;

/** An installed plugin as the plan looks at it. */
export interface SyncedPlugin {
  readonly version: string;
  /** What is to be written down of it; absent where its files or its receipt are damaged. */
  readonly locked?: LockedPlugin | undefined;
  /** Those of its extra files that this platform takes. */
  readonly extraFilesHere?: readonly ReceiptExtraFile[] | undefined;
  readonly isEnabled: boolean;
  readonly isPinned: boolean;
}

/** What the source says of the version that a plugin is to have. */
export type SyncRelease =
  { readonly version: string; readonly digest: Digest; readonly refusal?: PluginError | undefined } | PluginError;

/** Which version a plugin is to have, before any source is asked. */
export type SyncTarget =
  | { readonly kind: 'installed'; readonly reason: string }
  /** `locked`: the release must be this one. */
  | {
      readonly kind: 'version';
      readonly version: string;
      readonly locked?: LockedPlugin | undefined;
      readonly reason: string;
    }
  | { readonly kind: 'newest'; readonly reason: string };

/** What a sync does with one plugin; `refused` is what it does not do. */
export type SyncAction =
  | 'install'
  | 'update'
  | 'downgrade'
  | 'reinstall'
  | 'enable'
  | 'disable'
  | 'pin'
  | 'unpin'
  | 'remove'
  | 'unchanged'
  | 'refused';

/** One step of a plan. */
export interface SyncStep {
  readonly pluginId: string;
  readonly action: SyncAction;
  /** The installed version; absent where there is none. */
  readonly from?: string | undefined;
  /** Of what installs. */
  readonly to?: string | undefined;
  /** In words. */
  readonly reason: string;
  /** Of `refused`. */
  readonly error?: PluginError | undefined;
  /** Of what installs: what the archive must be. */
  readonly expected?: ExpectedArchive | undefined;
}

/** What a sync would do, in its order: removals come last. */
export interface SyncPlan {
  readonly steps: readonly SyncStep[];
  /** Whether every step is `unchanged`. */
  readonly isInSync: boolean;
}

/** Actions that put another version in place. */
export const installingActions: ReadonlySet<SyncAction> = new Set(['install', 'update', 'downgrade', 'reinstall']);

/** The version that a plugin is to have: the one of the file, else of the lock, else the newest. */
export function syncTarget(
  wanted: WantedPlugin,
  locked: LockedPlugin | undefined,
  installed: SyncedPlugin | undefined,
): SyncTarget {
  const isLocked = locked !== undefined && (wanted.version === undefined || wanted.version === locked.version);
  const version = wanted.version ?? locked?.version;
  if (version === undefined) {
    if (installed?.isPinned === true && wanted.pinned !== false)
      return { kind: 'installed', reason: `it is pinned to ${installed.version}` };
    return { kind: 'newest', reason: 'neither file names a version' };
  }
  const reason = isLocked ? `the lock file names ${version}` : `the file names ${version}`;
  if (installed?.version === version && installed.locked !== undefined) {
    const { locked: found, extraFilesHere: here = [] } = installed;
    const isSame = (one: LockedPlugin): boolean =>
      one.sha256 === found.sha256 && isSameExtraFiles({ here, all: found.extraFiles ?? [] }, one.extraFiles ?? []);
    if (!isLocked || isSame(locked)) return { kind: 'installed', reason };
  }
  return { kind: 'version', version, locked: isLocked ? locked : undefined, reason };
}

/** What a plan is made of. */
export interface SyncPlanParts {
  readonly wanted: readonly WantedPlugin[];
  readonly installed: ReadonlyMap<string, SyncedPlugin>;
  readonly targets: ReadonlyMap<string, SyncTarget>;
  /** Of the targets that are not `installed`. */
  readonly releases: ReadonlyMap<string, SyncRelease>;
}

/** Makes a plan. What is installed and not wanted is removed; what is not of the store is none of its business. */
export function planSync({ wanted, installed, targets, releases }: SyncPlanParts): SyncPlan {
  const steps: SyncStep[] = [];
  for (const plugin of wanted) {
    const present = installed.get(plugin.id);
    const target = targets.get(plugin.id);
    const release = releases.get(plugin.id);
    const own: SyncStep[] = [];
    const change = target === undefined ? undefined : versionStep(plugin, target, release, present);
    if (change !== undefined) own.push(change);
    const isThere = present !== undefined || (change !== undefined && installingActions.has(change.action));
    if (isThere) own.push(...settingSteps(plugin, present));
    if (own.length === 0) {
      const reason = target?.reason ?? 'it is what the file says';
      own.push({ pluginId: plugin.id, action: 'unchanged', from: present?.version, reason });
    }
    steps.push(...own);
  }
  const ids = new Set(wanted.map(({ id }) => id));
  for (const [pluginId, { version }] of installed) {
    if (!ids.has(pluginId))
      steps.push({ pluginId, action: 'remove', from: version, reason: 'the file does not name it' });
  }
  return { steps, isInSync: steps.every(({ action }) => action === 'unchanged') };
}

function versionStep(
  { id, version: asked }: WantedPlugin,
  target: SyncTarget,
  release: SyncRelease | undefined,
  installed: SyncedPlugin | undefined,
): SyncStep | undefined {
  if (target.kind === 'installed' || release === undefined) return undefined;
  const from = installed?.version;
  const refused = (error: PluginError, to?: string): SyncStep => {
    return { pluginId: id, action: 'refused', from, to, reason: error.message, error };
  };
  if (release instanceof PluginError) return refused(release);
  const { version: to, digest, refusal } = release;
  const locked = target.kind === 'version' ? target.locked : undefined;
  const step = { pluginId: id, from, to, reason: target.reason, expected: expectedOf(digest, locked) };
  const order = from === undefined ? 1 : (parseVersion(to)?.compare(from) ?? 1);
  // The newest that fits may be older than what is there: nobody asked to go back.
  const isNewest = target.kind === 'newest' && asked === undefined;
  if (isNewest && order <= 0 && installed?.locked !== undefined) return undefined;
  if (refusal !== undefined) return refused(refusal, to);
  if (from === undefined) return { ...step, action: 'install' };
  if (order > 0) return { ...step, action: 'update' };
  if (order < 0) return { ...step, action: 'downgrade' };
  if (installed?.locked === undefined) {
    return { ...step, action: 'reinstall', reason: 'its files are not what they were installed as' };
  }
  return { ...step, action: 'reinstall', reason: `${target.reason} with another archive or extra files` };
}

/** What the archive of a release must be: what the source says, and what the lock says where it names the version. */
export function expectedOf(digest: Digest, locked: LockedPlugin | undefined): ExpectedArchive {
  if (locked === undefined) return { digest };
  const { sha256, repositoryId, packageName, keyId, extraFiles = [] } = locked;
  return { digest, sha256, publisher: { repositoryId, packageName, keyId }, extraFiles };
}

function settingSteps({ id, enabled, pinned }: WantedPlugin, installed: SyncedPlugin | undefined): readonly SyncStep[] {
  const steps: SyncStep[] = [];
  const { isEnabled, isPinned, version: from } = installed ?? { isEnabled: true, isPinned: false };
  const step = { pluginId: id, from, reason: 'the file says so' };
  if (enabled !== undefined && enabled !== isEnabled) steps.push({ ...step, action: enabled ? 'enable' : 'disable' });
  if (pinned !== undefined && pinned !== isPinned) steps.push({ ...step, action: pinned ? 'pin' : 'unpin' });
  return steps;
}

/**
 * Throws E_SYNC_INVALID where the lock does not say the bytes of every plugin of the file, or of others too: a frozen
 * sync installs what was reviewed, and nothing else.
 */
export function checkFrozen(wanted: readonly WantedPlugin[], lock: SyncLock): void {
  const ids = new Set(wanted.map(({ id }) => id));
  const problems = [
    ...wanted.flatMap(({ id, version }) => {
      const locked = lock.get(id);
      if (locked === undefined) return [`it has no ${id}`];
      if (version === undefined || version === locked.version) return [];
      return [`it has ${id} ${locked.version}, the file ${version}`];
    }),
    ...[...lock.keys()].filter((id) => !ids.has(id)).map((id) => `it has ${id}, and the file does not`),
  ];
  if (problems.length === 0) return;
  const shown = problems.slice(0, 5).join('; ');
  const rest = problems.length > 5 ? `; and ${String(problems.length - 5)} more` : '';
  const message = `expected a lock file that says what the file asks for: ${shown}${rest}. A sync that is not frozen writes it anew`;
  throw new PluginError('E_SYNC_INVALID', message, { phase: 'resolve', details: { problems: problems.slice(0, 50) } });
}

/** The lock after a sync: of what is wanted and there, what is there; of what failed, what was locked before. */
export function nextLock(
  wanted: readonly WantedPlugin[],
  old: SyncLock,
  installed: ReadonlyMap<string, SyncedPlugin>,
  failed: ReadonlySet<string>,
): SyncLock {
  const next = new Map<string, LockedPlugin>();
  for (const { id } of wanted) {
    const now = installed.get(id)?.locked;
    const locked = failed.has(id) || now === undefined ? old.get(id) : now;
    if (locked !== undefined) next.set(id, locked);
  }
  return next;
}
