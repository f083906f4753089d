import { once } from 'node:events';
import { connect } from 'node:net';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram, postgresFolders, setup } from '../src/services.ts';

const hasRedis = findProgram('redis-server') !== undefined;
const hasPostgres = findProgram('initdb', postgresFolders()) !== undefined;

/** Sends bytes to the server behind a URL and gives what it first answers. */
async function ask(url: string | undefined, bytes: string | Uint8Array): Promise<Buffer> {
  const { hostname, port } = new URL(url ?? '');
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer;
}

describe('the services of the tests', () => {
  let undo: () => Promise<void>;
  beforeAll(async () => {
    delete process.env['TEST_REDIS_URL'];
    delete process.env['TEST_POSTGRES_URL'];
    undo = await setup();
  });
  afterAll(async () => {
    await undo();
    delete process.env['TEST_REDIS_URL'];
    delete process.env['TEST_POSTGRES_URL'];
  });

  it.skipIf(!hasRedis)('start a Redis that answers', async () => {
    expect(String(await ask(process.env['TEST_REDIS_URL'], 'PING\r\n'))).toBe('+PONG\r\n');
  });

  it.skipIf(!hasPostgres)('start a PostgreSQL that answers', async () => {
    // SSLRequest: length 8, code 80877103; a server without TLS answers N (PostgreSQL, message formats).
    const sslRequest = Uint8Array.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
    expect(String(await ask(process.env['TEST_POSTGRES_URL'], sslRequest))).toBe('N');
  });
});
