import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';

/** What `KUBECONFIG` names, whether it is there yet or not; else the default path if it is there. */
export function findKubeconfigs(named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  const path = join(homedir(), '.kube', 'config');
  return existsSync(path) ? [path] : [];
}

/** Whether there are clusters of one's own: kubeconfigs, or the service account of a pod. */
export function hasOwnClusters(config: Pick<Config, 'kubeconfig'>): boolean {
  return findKubeconfigs(config.kubeconfig).length > 0 || (process.env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
}

/** Whether the server brings things to try it with. */
export function isDemoOn(config: Pick<Config, 'kubeconfig' | 'demo'>): boolean {
  return config.demo === 'on' || (config.demo === 'auto' && !hasOwnClusters(config));
}
