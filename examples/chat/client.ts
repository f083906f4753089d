// The chat's client: `node client.ts <url> <name> [room]`, then type.
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { createClient, FleetwireError } from '@fleetwire/websocket-core/client';

interface Message {
  readonly id: string;
  readonly from: string;
  readonly text: string;
}

const [url = 'http://127.0.0.1:3000/chat', name = 'guest', room = 'lobby'] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

const client = createClient({ url, getToken: () => name });
client.onState((state) => {
  if (state.status === 'backoff') print('(connection lost)');
  if (state.status === 'closed') print(`(closed: ${state.reason})`);
});

const shown = new Set<string>();
function show(message: Message): void {
  if (shown.has(message.id)) return;
  shown.add(message.id);
  print(`${message.from}: ${message.text}`);
}

async function catchUp(): Promise<void> {
  const history = (await client.request('chat.history', { room })) as readonly Message[];
  for (const message of history) show(message);
}

function explain(error: unknown): void {
  print(`(failed: ${error instanceof FleetwireError ? error.message : String(error)})`);
}

let hasJoined = false;
client.subscribe(`rooms/${room}`, {
  onPublication: (data) => {
    show(data as Message);
  },
  // The server cannot say what was missed (it was restarted, or the cut was too long): ask what it has.
  onGap: () => {
    catchUp().catch(explain);
  },
  onState: (state) => {
    if (state.status !== 'live') return;
    print(hasJoined ? '(back again)' : `(joined ${room})`);
    if (!hasJoined) catchUp().catch(explain);
    hasJoined = true;
  },
});

client.subscribe('people', {
  onItems: (items) => {
    const names = new Set([...items.values()].map(({ value }) => (value as { readonly name: string }).name));
    print(`(here: ${[...names].toSorted().join(', ')})`);
  },
});

createInterface({ input: process.stdin })
  .on('line', (text) => {
    // With a key it is sent again after a lost connection, and still said once.
    client.request('chat.say', { room, text }, { idempotencyKey: randomUUID() }).catch(explain);
  })
  .on('close', () => {
    client.dispose();
  });
