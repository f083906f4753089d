import { dirname, resolve } from 'node:path';
import type { PluginPolicy } from '../core/policy.ts';

/** The policy that was read from a file: relative paths of its sources are relative to that file, wherever a program runs. */
export function withPathsOf(policy: PluginPolicy, policyFile: string): PluginPolicy {
  const folder = dirname(resolve(policyFile));
  const sources = policy.sources.map((source) =>
    source.kind === 'file' ? { ...source, path: resolve(folder, source.path) } : source,
  );
  return { ...policy, sources };
}
