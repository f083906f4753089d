import { expect, it } from 'vitest';
import type { KubeObject } from '@fleetwire/kube-watch';
import { chooseSources, logSourcesOf, sourceKey, sourceLabel } from './log-sources.ts';

type State = 'running' | 'waiting' | 'terminated';

const pod = (name: string, containers: Readonly<Record<string, State>>): KubeObject =>
  ({
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1' },
    spec: { containers: Object.keys(containers).map((each) => ({ name: each })) },
    status: {
      containerStatuses: Object.entries(containers).map(([each, state]) => ({
        name: each,
        restartCount: 0,
        state: { [state]: {} },
      })),
    },
  }) as unknown as KubeObject;
const keys = (pods: readonly KubeObject[]): string[] => logSourcesOf(pods).map(sourceKey);

it('a container has a log from its first start on, while the pod stays the same one', () => {
  expect(keys([pod('a', { app: 'waiting' })])).toEqual([]);
  expect(keys([pod('a', { app: 'running' })])).toEqual(['shop/a/app']);
});

it('containers that run come before those that have ended, otherwise in the order of their pods', () => {
  const pods = [pod('new', { setup: 'terminated', app: 'running' }), pod('old', { app: 'running' })];
  expect(keys(pods)).toEqual(['shop/new/app', 'shop/old/app', 'shop/new/setup']);
});

it('no more than three are read at once, and what is left out is told', () => {
  const sources = logSourcesOf(['d', 'c', 'b', 'a'].map((name) => pod(name, { app: 'running', proxy: 'running' })));
  const { read, leftOut } = chooseSources(sources, null);
  expect(read.map(sourceKey)).toEqual(['shop/d/app', 'shop/d/proxy', 'shop/c/app']);
  expect(leftOut).toHaveLength(5);
  const picked = chooseSources(sources, 'proxy');
  expect(picked.read.map(sourceKey)).toEqual(['shop/d/proxy', 'shop/c/proxy', 'shop/b/proxy']);
  expect(picked.leftOut.map(sourceKey)).toEqual(['shop/a/proxy']);
});

it('a source is shown by its pod, and by its container where there are several', () => {
  expect(sourceLabel('shop/a/app', false)).toBe('a');
  expect(sourceLabel('shop/a/app', true)).toBe('a/app');
});
