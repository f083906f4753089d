import { checkExtraFiles, checkRelease } from '../core/expected-archive.ts';
import { extraFilesOn } from '../core/policy-checks.ts';
import { expectedOf, type SyncRelease, type SyncTarget, type WantedPlugin } from '../core/sync-plan.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginManager } from './plugin-manager-interface.ts';
import { mapInParallel } from './map-in-parallel.ts';
import { sourceError } from './plugin-manager-catalog.ts';
import { planRefusal, type InstallPlan } from './plugin-manager-plan.ts';
import { platform } from './plugin-manager-policy.ts';

/** What is looked up. */
export interface ReleaseLookUp {
  readonly manager: Pick<PluginManager, 'plan'>;
  readonly wanted: readonly WantedPlugin[];
  readonly targets: ReadonlyMap<string, SyncTarget>;
  readonly signal: AbortSignal;
}

/** Plugins that sources are asked about at the same time. */
const maxParallelLookUps = 4;

/** What the sources say of the versions that plugins are to have, by id; a source that fails spoils its plugin alone. */
export async function lookUpReleases(lookUp: ReleaseLookUp): Promise<ReadonlyMap<string, SyncRelease>> {
  const releases = new Map<string, SyncRelease>();
  await mapInParallel(lookUp.wanted, maxParallelLookUps, async (plugin) => {
    const target = lookUp.targets.get(plugin.id);
    if (target === undefined || target.kind === 'installed') return;
    lookUp.signal.throwIfAborted();
    releases.set(plugin.id, await lookUpRelease(plugin, target, lookUp));
  });
  return releases;
}

async function lookUpRelease(
  wanted: WantedPlugin,
  target: Exclude<SyncTarget, { readonly kind: 'installed' }>,
  { manager, signal }: ReleaseLookUp,
): Promise<SyncRelease> {
  const version = target.kind === 'version' ? target.version : undefined;
  try {
    const plan = await manager.plan(wanted.id, { version, signal });
    return { version: plan.release.version, digest: plan.release.digest, refusal: refusalOf(plan, wanted, target) };
  } catch (cause) {
    signal.throwIfAborted();
    return sourceError(cause, { pluginId: wanted.id });
  }
}

function refusalOf(plan: InstallPlan, { pinned }: WantedPlugin, target: SyncTarget): PluginError | undefined {
  // Whoever says in the file whether it is pinned says which version it is pinned to.
  const isPinIgnored = plan.denied?.code === 'E_PINNED' && pinned !== undefined;
  const refusal = planRefusal(isPinIgnored ? { ...plan, denied: undefined } : plan);
  if (refusal !== undefined) return refusal;
  if (target.kind !== 'version' || target.locked === undefined) return undefined;
  try {
    const expected = expectedOf(target.locked.digest, target.locked);
    checkRelease(plan.release, expected);
    const here = extraFilesOn(plan.release, platform);
    checkExtraFiles(plan.pluginId, { here, all: plan.release.extraFiles }, expected);
    return undefined;
  } catch (error) {
    if (error instanceof PluginError) return error;
    throw error;
  }
}
