import type { KubeObject } from '../../src/protocol/kube-object.ts';

/** A pod on a node whose container `main` runs. */
export function podObject(name: string, image: string, more: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-of-${name}`, resourceVersion: '1' },
    spec: { nodeName: 'n1', containers: [{ name: 'main', image, env: [{ name: 'GREETING', value: 'hello' }] }] },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'main', restartCount: 0, state: { running: {} }, ...more }],
    },
  };
}
