import { expect, it } from 'vitest';
import type { ClusterInfo } from '@fleetwire/kube-watch';
import { createAskedClusters } from './asked-clusters.ts';

const cluster = (name: string, state: ClusterInfo['state'], message?: string): ClusterInfo => ({
  name,
  state,
  since: 0,
  ...(message === undefined ? {} : { message }),
});

it('clusters are asked once they were ready, and as long as they are there; the state of others is told', () => {
  const part = createAskedClusters();
  expect(
    part([cluster('east', 'ready'), cluster('new', 'unknown'), cluster('west', 'unreachable', 'refused')]),
  ).toEqual({
    asked: ['east'],
    others: [
      expect.objectContaining({ cluster: 'new', status: 'connecting', error: undefined }),
      expect.objectContaining({
        cluster: 'west',
        status: 'stopped',
        error: expect.objectContaining({ message: 'refused' }) as unknown,
      }),
    ],
  });
  expect(part([cluster('east', 'unreachable'), cluster('new', 'ready')])).toEqual({
    asked: ['east', 'new'],
    others: [],
  });
  part([cluster('new', 'ready')]);
  expect(part([cluster('east', 'unknown'), cluster('new', 'ready')])).toMatchObject({
    asked: ['new'],
    others: [{ cluster: 'east' }],
  });
});
