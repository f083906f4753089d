import { PluginError } from '../../protocol/error.ts';
import type { InstalledBuild } from '../../protocol/state.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { verifyHashed, type HashedAhead } from './hash-ahead.ts';
import type { LoadingRefusal } from './recover-store.ts';
import { storeError } from './store-error.ts';
import type { StoreLayout } from './store-layout.ts';
import { damageIn, readReceipt } from './verify-build.ts';
import { isWhole, removeUnexpected } from './whole-build.ts';

/** A version that a rollback does not go back to. */
export interface PassedOver {
  readonly build: string;
  readonly version: string;
  readonly reason: PluginError;
  /** Whether it stays: nobody knows what is wrong with it. */
  readonly isKept: boolean;
}

/** What builds are judged by. */
export interface RollbackTargetOptions {
  readonly fileSystem: StoreFileSystem;
  readonly layout: StoreLayout;
  readonly loadingRefusal: LoadingRefusal;
  /** Of one of the builds. */
  readonly ahead: HashedAhead | undefined;
}

/**
 * The newest earlier version that is whole, and those that are passed over on the way to it: they are damaged, or the disk
 * cannot read them. What somebody added to it is removed. Throws why it may not be loaded, and what may be gone at the next
 * try. Under the store's lock.
 */
export async function findRollbackTarget(
  pluginId: string,
  previous: readonly InstalledBuild[],
  options: RollbackTargetOptions,
): Promise<{ readonly target: InstalledBuild | undefined; readonly passedOver: readonly PassedOver[] }> {
  const passedOver: PassedOver[] = [];
  for (const earlier of previous) {
    const { build, version } = earlier;
    try {
      const damage = await damageOf(pluginId, build, options);
      if (damage === undefined) return { target: earlier, passedOver };
      passedOver.push({ build, version, reason: damage, isKept: false });
    } catch (error) {
      const reason = storeError(error, { pluginId });
      if (error instanceof PluginError || reason.retryable) throw reason;
      passedOver.push({ build, version, reason, isKept: true });
    }
  }
  return { target: undefined, passedOver };
}

/** Why a build is no whole one; undefined where it is. Throws why it may not be loaded. */
async function damageOf(
  pluginId: string,
  build: string,
  { fileSystem, layout, loadingRefusal, ahead }: RollbackTargetOptions,
): Promise<PluginError | undefined> {
  const report = await verifyHashed(fileSystem, layout, pluginId, build, ahead);
  if (!isWhole(report)) return damageIn(report);
  // The policy may be another one tomorrow: what it refuses is no reason to lose a version.
  const refusal = loadingRefusal(await readReceipt(fileSystem, layout, pluginId, build));
  if (refusal) throw refusal;
  await removeUnexpected(fileSystem, layout, report);
  return undefined;
}
