import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { steadyPort } from '../src/steady-port.ts';

it('a steady port is free, and none that somebody gets who asks for any', async () => {
  const [steady, any] = [createServer().listen(await steadyPort(), '127.0.0.1'), createServer().listen(0)];
  await Promise.all([once(steady, 'listening'), once(any, 'listening')]);
  const portOf = (server: typeof any) => (server.address() as AddressInfo).port;
  expect(portOf(steady)).toBeLessThan(32_768);
  expect(portOf(any)).toBeGreaterThanOrEqual(32_768);
  for (const server of [steady, any]) server.close();
});
