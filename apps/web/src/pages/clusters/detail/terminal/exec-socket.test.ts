import { expect, it } from 'vitest';
import type { KubeWatchClient } from '@fleetwire/kube-watch/client';
import { execPath, explainRefusal } from './exec-socket.ts';

const target = { cluster: 'demo', namespace: 'shop', pod: 'cart-1', container: 'web' };

it('a shell is asked for with all streams and a terminal', () => {
  expect(execPath(target, '/bin/sh')).toBe(
    '/api/v1/namespaces/shop/pods/cart-1/exec?command=%2Fbin%2Fsh&container=web&stdin=true&stdout=true&stderr=true&tty=true',
  );
});

it('a refusal is explained by what the server says without an upgrade', async () => {
  const answering = (status: number, message: string): KubeWatchClient =>
    ({ fetch: () => Promise.reject(Object.assign(new Error(message), { status })) }) as unknown as KubeWatchClient;
  expect(await explainRefusal(answering(404, 'pods "cart-1" not found'), target)).toBe('pods "cart-1" not found');
  expect(await explainRefusal(answering(400, 'Upgrade request required'), target)).toBe(
    'The cluster refused the terminal.',
  );
});
