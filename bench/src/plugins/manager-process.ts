// A plugin manager in a process of its own, which a server would have beside it.
import { readFile, rm } from 'node:fs/promises';
import process from 'node:process';
import {
  createFetcher,
  createPluginManager,
  createSources,
  parsePolicy,
  type PluginManager,
} from '@fleetwire/plugin-manager/node';
import { answerCalls } from '../child-calls.ts';

const host = { product: 'fleetwire', version: '1.0.0', distro: 'web', sdkVersion: '1.0.0' };

let manager: PluginManager | undefined;
let idleBytes = 0;

answerCalls({
  /** Opens a store in a folder that is not there, with one source of the name `bench`. */
  async open({ root, policy }: { root: string; policy: object }): Promise<void> {
    await manager?.dispose();
    await rm(root, { recursive: true, force: true });
    const parsed = parsePolicy(policy);
    const fetcher = createFetcher();
    const sources = createSources(parsed, fetcher);
    manager = createPluginManager({ root, host, policy: parsed, sources, transport: fetcher });
    await manager.list();
    idleBytes = process.memoryUsage.rss();
  },
  /** Milliseconds until the plugin is installed, and what the resident set has grown by at its highest. */
  async install({ pluginId }: { pluginId: string }): Promise<{ milliseconds: number; bytes: number }> {
    if (manager === undefined) throw new Error('open comes first');
    const startedAt = performance.now();
    await manager.install(pluginId);
    const milliseconds = performance.now() - startedAt;
    return { milliseconds, bytes: (await highestBytes()) - idleBytes };
  },
});

/** Resident set at its highest since the process began: what the start took for a moment counts as well. */
async function highestBytes(): Promise<number> {
  // Linux hands `maxRSS` on from the process that started this one.
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Number(kibibytes) * 1_024;
}
