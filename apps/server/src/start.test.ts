import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { newFolder } from './testing/new-folder.ts';
import { signIn, startTestServer } from './testing/running.ts';

it('makes the first administrator last: a start that fails before leaves no account whose password nobody has seen', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const dataDir = newFolder();
  await expect(startTestServer({ dataDir, port, adminPassword: undefined })).rejects.toThrow('is in use');
  other.close();
  const server = await startTestServer({ dataDir, adminPassword: undefined });
  const { username = '', password = '' } = server.administrator ?? {};
  expect([username, password.length]).toEqual(['admin', 22]);
  expect(await signIn(server.url, username, password)).toHaveProperty('accessToken');
  await server.dispose();
});
