import type { PluginRef } from '../protocol/plugin-id.ts';
import type { InstalledState } from '../protocol/state.ts';
import type { PluginCatalog } from './plugin-manager-catalog.ts';
import type { InstallPlan } from './plugin-manager-plan.ts';
import { recallRelease } from './recall-release.ts';
import type { PluginStore } from './store/plugin-store.ts';

/** What a plan is asked for. */
export interface AskedPlan {
  readonly ref: PluginRef;
  /** Default: the newest that the host can run. */
  readonly version?: string | undefined;
  readonly installed: InstalledState | undefined;
  readonly signal: AbortSignal;
}

/** The plan of a release; of one that an install would take from the cache, where the source does not answer. */
export async function planAlsoOffline(
  catalog: Pick<PluginCatalog, 'plan' | 'planOf'>,
  store: Pick<PluginStore, 'cache'>,
  { ref, version, installed, signal }: AskedPlan,
): Promise<InstallPlan> {
  try {
    return await catalog.plan(ref, version, installed, signal);
  } catch (error) {
    const { release, notChecked } = await recallRelease(store, { ref, version, signal, error });
    const plan = catalog.planOf({ release, passedOver: [], passedOverCount: 0 }, installed);
    const { compatibility } = plan;
    return { ...plan, compatibility: { ...compatibility, notChecked: [...compatibility.notChecked, notChecked] } };
  }
}
