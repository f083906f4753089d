import { describe, expect, it } from 'vitest';
import type { ClusterRuntime } from './cluster-runtime.ts';
import { OpenExchanges } from './open-exchanges.ts';

const clusterOf = (name: string): ClusterRuntime =>
  ({ definition: { name, orgs: ['acme'] }, hold: () => () => undefined }) as unknown as ClusterRuntime;

describe('requests that are under way', () => {
  it('[P8] are 200 of one user and cluster, 500 of one user, and each makes room once', () => {
    const exchanges = new OpenExchanges();
    const [one, two, three] = [clusterOf('one'), clusterOf('two'), clusterOf('three')];
    const add = (cluster: ClusterRuntime, userId = 'ada') =>
      exchanges.add({ cluster, orgId: 'acme', userId, cut: () => undefined });
    const fill = (cluster: ClusterRuntime, count: number) =>
      Array.from({ length: count }, () => add(cluster)).filter((undo) => undo !== undefined);
    const [undo] = fill(one, 200);
    expect(fill(one, 1)).toHaveLength(0);
    expect(fill(two, 300)).toHaveLength(200);
    expect(fill(three, 200)).toHaveLength(100);
    expect(add(three, 'bob')).toBeDefined();
    undo?.();
    undo?.();
    expect(fill(three, 2)).toHaveLength(1);
    expect(fill(one, 1)).toHaveLength(0);
  });
});
