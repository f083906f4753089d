import { incompatibility } from '../core/compat.ts';
import { loadingRefusal } from '../core/policy-checks.ts';
import type { PluginPolicy } from '../core/policy.ts';
import type { PluginHost } from '../protocol/host.ts';
import type { Receipt, ReceiptFile } from '../protocol/receipt.ts';
import { reasonOf } from './store/list-store.ts';
import type { ManagedPlugin, PluginStore } from './store/plugin-store.ts';

/** Whether an installed plugin may be loaded by the host that there is now. */
export type PluginVerdict =
  | {
      readonly status: 'ok';
      readonly receipt: Receipt;
      /** Compared with the receipt; absent where the plugin has none. */
      readonly entry?: ReceiptFile | undefined;
    }
  /**
   * `broken`: its receipt or its entry are not what they must be. `blocked`: the policy does not let it load.
   * `incompatible`: the host is not one that it is for.
   */
  | { readonly status: 'broken' | 'blocked' | 'incompatible'; readonly reason: string };

/** What judges. */
export interface Judges {
  readonly store: Pick<PluginStore, 'checkFile'>;
  readonly policy: PluginPolicy;
  readonly host: PluginHost;
}

/** Judges a plugin. Whatever cannot be read breaks it, and it alone. */
export async function judgePlugin(plugin: ManagedPlugin, { store, policy, host }: Judges): Promise<PluginVerdict> {
  const { pluginId, installed } = plugin;
  if (plugin.status === 'broken') return { status: 'broken', reason: plugin.reason };
  const { receipt } = plugin;
  const refusal = loadingRefusal(policy, receipt);
  if (refusal !== undefined) return { status: 'blocked', reason: refusal.message };
  const mismatch = incompatibility(receipt, host);
  if (mismatch !== undefined) return { status: 'incompatible', reason: mismatch };
  if (receipt.entry === undefined) return { status: 'ok', receipt };
  try {
    return { status: 'ok', receipt, entry: await store.checkFile(pluginId, installed.active.build, receipt.entry) };
  } catch (error) {
    return { status: 'broken', reason: reasonOf(error) };
  }
}
