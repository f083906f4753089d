import { createServer } from 'node:net';

const first = 20_000;
const count = 12_000;

/**
 * A free port of 127.0.0.1 for a server that goes and comes back on it. It is below those that systems give to whoever
 * asks for any (Linux's `ip_local_port_range` begins at 32,768, RFC 6335 at 49,152): while it is free, no other test gets
 * it by chance.
 */
export async function steadyPort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * count);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
