import { expect, test } from 'vitest';
import { nextReplicas, resolveCount, type RolloutMember } from './rollout.ts';

test('a surge in percent is rounded up, unavailability down, and 25 % is the default', () => {
  expect(resolveCount('25%', 3, 'up')).toBe(1);
  expect(resolveCount('25%', 3, 'down')).toBe(0);
  expect(resolveCount(undefined, 10, 'up')).toBe(3);
  expect(resolveCount(2, 10, 'down')).toBe(2);
});

test('a rollout never has more than desired + surge, nor fewer available than desired - unavailable', () => {
  for (const [desired, surge, unavailable] of [
    [1, 1, 0],
    [4, 1, 0],
    [4, 0, 1],
    [10, 3, 2],
    [7, 2, 0],
  ] as const) {
    let fresh: RolloutMember = { name: 'new', replicas: 0, available: 0 };
    let old: RolloutMember = { name: 'old', replicas: desired, available: desired };
    let rounds = 0;
    while (fresh.available < desired || old.replicas > 0) {
      const changes = nextReplicas(desired, surge, unavailable, fresh, [old]);
      fresh = { ...fresh, replicas: changes.get('new') ?? fresh.replicas };
      old = { ...old, replicas: changes.get('old') ?? old.replicas };
      expect(fresh.replicas + old.replicas).toBeLessThanOrEqual(desired + surge);
      old = { ...old, available: Math.min(old.available, old.replicas) };
      expect(fresh.available + old.available).toBeGreaterThanOrEqual(desired - unavailable);
      // One new pod becomes available in each round.
      fresh = { ...fresh, available: Math.min(fresh.replicas, fresh.available + 1) };
      expect(rounds++).toBeLessThan(50);
    }
    expect([fresh.replicas, old.replicas]).toEqual([desired, 0]);
  }
});

test('old pods that are not available go first, whatever the new ones do', () => {
  const old = { name: 'old', replicas: 3, available: 0 };
  expect(nextReplicas(3, 1, 1, { name: 'new', replicas: 1, available: 0 }, [old]).get('old')).toBe(2);
});

test('a replica set with more than is desired is scaled down', () => {
  expect(nextReplicas(2, 1, 0, { name: 'new', replicas: 5, available: 5 }, []).get('new')).toBe(2);
});
