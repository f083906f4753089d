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
      /** The other scripts, which the entry may import; compared too. */
      readonly modules?: readonly ReceiptFile[] | undefined;
    }
  /**
   * `broken`: its receipt, its entry or another script are not what they must be. `blocked`: the policy does not let it load.
   * `incompatible`: the host is not one that it is for.
   */
  | { readonly status: 'broken' | 'blocked' | 'incompatible'; readonly reason: string };

/** Scripts beside the entry of a plugin that can be loaded: each has its digest in the page. */
export const maxModules = 200;

type Scripts = Pick<Receipt, 'entry'> & { readonly files: readonly Pick<ReceiptFile, 'path'>[] };

function modulesOf({ files, entry }: Scripts): readonly string[] {
  return files.map(({ path }) => path).filter((path) => /\.m?js$/.test(path) && path !== entry);
}

/** Why a plugin with these files would be blocked, whatever policy and host say; undefined where it would not. */
export function moduleRefusal(scripts: Scripts): string | undefined {
  const { length } = modulesOf(scripts);
  if (scripts.entry === undefined || length <= maxModules) return undefined;
  return `it has ${String(length)} scripts beside its entry, and at most ${String(maxModules)} can be checked: bundle them`;
}

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
  const paths = modulesOf(receipt);
  const tooMany = moduleRefusal(receipt);
  if (tooMany !== undefined) return { status: 'blocked', reason: tooMany };
  try {
    const { build } = installed.active;
    const entry = await store.checkFile(pluginId, build, receipt.entry);
    const modules: ReceiptFile[] = [];
    for (const path of paths) modules.push(await store.checkFile(pluginId, build, path));
    return { status: 'ok', receipt, entry, modules };
  } catch (error) {
    return { status: 'broken', reason: reasonOf(error) };
  }
}
