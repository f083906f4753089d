import { expect, it } from 'vitest';
import type { KubeObject } from '@fleetwire/kube-watch';
import { shellPlaces } from './terminal-targets.ts';
import { describeState } from './terminal-text.ts';

const pod = (name: string, states: Readonly<Record<string, object>>, more: object = {}): KubeObject =>
  ({
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: '1', ...more },
    spec: {
      initContainers: [{ name: 'init' }],
      containers: Object.keys(states)
        .filter((container) => container !== 'init')
        .map((container) => ({ name: container })),
    },
    status: {
      initContainerStatuses: states['init'] === undefined ? [] : [{ name: 'init', state: states['init'] }],
      containerStatuses: Object.entries(states)
        .filter(([container]) => container !== 'init')
        .map(([container, state]) => ({ name: container, state })),
    },
  }) as unknown as KubeObject;

const running = { running: { startedAt: '2026-11-21T10:00:00Z' } };

it('a shell can run where a container does, the pod’s default first and init containers last', () => {
  const annotations = { 'kubectl.kubernetes.io/default-container': 'web' };
  expect(
    shellPlaces([
      pod('a', { init: running, proxy: running, web: running }, { annotations }),
      pod('b', { web: { waiting: { reason: 'CrashLoopBackOff' } } }),
      pod('c', { one: running, two: { terminated: { exitCode: 0 } } }),
    ]),
  ).toEqual([
    { pod: 'a', namespace: 'shop', uid: 'uid-a', containers: ['web', 'proxy', 'init'] },
    { pod: 'c', namespace: 'shop', uid: 'uid-c', containers: ['one'] },
  ]);
});

it.each([
  [{ kind: 'connecting' }, 'Connecting…'],
  [{ kind: 'open', shell: '/bin/sh' }, 'Connected to /bin/sh in web'],
  [{ kind: 'ended', outcome: { kind: 'exited', code: 3 } }, 'The shell ended with exit code 3'],
  [{ kind: 'ended', outcome: { kind: 'exited', code: 137 } }, 'The shell ended with exit code 137: it was killed'],
  [{ kind: 'ended', outcome: { kind: 'failed', message: 'why' } }, 'There is no shell to connect to: why'],
  [{ kind: 'ended', outcome: { kind: 'lost', message: 'why' } }, 'why'],
  [{ kind: 'ended', outcome: { kind: 'left' } }, 'Disconnected'],
] as const)('%j is said as it is', (state, text) => {
  expect(describeState(state, 'web')).toBe(text);
});
