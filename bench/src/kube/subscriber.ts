import { WebSocket } from 'ws';
import { listStart } from './pods.ts';

const marker = Buffer.from('"type":"MODIFIED"');

/** One connection that subscribes to the pods of a cluster and counts what comes, without reading it. */
export interface Subscriber {
  readonly events: number;
  readonly bytes: number;
  /** Resolves when so many events have come. */
  until(events: number): Promise<void>;
  /** Stops to read, as a tab that hangs does. */
  stall(): void;
  dispose(): void;
}

/** Resolves when the subscription has been answered. */
export async function subscribeToPods(
  port: number,
  cluster: string,
  { namespace = 'shop', since = listStart }: { readonly namespace?: string; readonly since?: number } = {},
): Promise<Subscriber> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/ws`, 'fleetwire.v1', { perMessageDeflate: false });
  let events = 0;
  let bytes = 0;
  let wanted = Infinity;
  let reached: () => void = () => undefined;
  const send = (message: object): void => {
    socket.send(JSON.stringify(message));
  };
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      reject(new Error(`closed with ${String(code)} ${reason.toString()}`));
    });
    socket.on('open', () => {
      send({ type: 'hello', protocol: 1, peer: { name: 'bench', version: '0' } });
    });
    socket.on('message', (data: Buffer) => {
      if (data.length < 2_048) {
        const frame = JSON.parse(data.toString()) as { readonly type: string; readonly result?: unknown };
        if (frame.type === 'welcome') {
          const params = { path: `/api/v1/namespaces/${namespace}/pods` };
          const item = { channel: `kube/${cluster}`, params, since: String(since) };
          send({ type: 'request', id: 1, method: 'subscribe', params: { items: [item] } });
        } else if (frame.type === 'response') {
          const [item] = (frame.result as { readonly items: readonly { readonly error?: unknown }[] }).items;
          if (item?.error === undefined) resolve();
          else reject(new Error(JSON.stringify(item.error)));
        }
        return;
      }
      bytes += data.length;
      for (let at = data.indexOf(marker); at !== -1; at = data.indexOf(marker, at + marker.length)) events += 1;
      if (events >= wanted) reached();
    });
  });
  return {
    get events() {
      return events;
    },
    get bytes() {
      return bytes;
    },
    until: (count) =>
      new Promise((resolve) => {
        wanted = count;
        reached = resolve;
        if (events >= wanted) resolve();
      }),
    stall: () => {
      socket.pause();
    },
    dispose: () => {
      socket.terminate();
    },
  };
}
