import { describe, expect, it } from 'vitest';
import type { AcceptedSocketHandler } from '../core/accepted-socket.ts';
import type { WebSocketLike } from '../core/web-socket-like.ts';
import { encodeClose, encodeText, encodeWireFrame, opcodes } from './frame-codec.ts';
import { createLinkedPair, type LinkedPairOptions } from './linked-pair.ts';
import { createManualClock } from './manual-clock.ts';

const text = (value: string) => encodeWireFrame(opcodes.text, encodeText(value));
const settle = () => createManualClock().settle();

function recordClient(client: WebSocketLike): unknown[] {
  const seen: unknown[] = [];
  client.binaryType = 'arraybuffer';
  client.onopen = () => seen.push('open');
  client.onerror = () => seen.push('error');
  client.onmessage = (event: { data: unknown }) => {
    seen.push(event.data instanceof ArrayBuffer ? [...new Uint8Array(event.data)] : event.data);
  };
  client.onclose = (event: { code: number; reason: string; wasClean: boolean }) => {
    seen.push([event.code, event.reason, event.wasClean]);
  };
  return seen;
}

function recordAccepted(): { seen: unknown[]; handler: AcceptedSocketHandler } {
  const seen: unknown[] = [];
  const handler: AcceptedSocketHandler = {
    onText: (value) => seen.push(value),
    onBinary: (bytes) => seen.push([...bytes]),
    onPong: () => seen.push('pong'),
    onDrain: () => seen.push('drain'),
    onClose: (code, reason) => seen.push([code, reason]),
  };
  return { seen, handler };
}

async function openPair(options: LinkedPairOptions = {}) {
  const pair = createLinkedPair(options);
  const fromServer = recordClient(pair.client);
  const { seen: fromClient, handler } = recordAccepted();
  pair.accepted.handler = handler;
  await settle();
  expect(fromServer.splice(0)).toEqual(['open']);
  return { pair, client: pair.client, accepted: pair.accepted, fromServer, fromClient };
}

describe('messages', () => {
  it('carries text and bytes both ways, in order and never within the call', async () => {
    const { client, accepted, fromServer, fromClient } = await openPair();
    client.send('grüße 🚀');
    client.send(Uint8Array.of(1, 2, 3));
    accepted.write(text('one'));
    accepted.write(encodeWireFrame(opcodes.binary, Uint8Array.of(9)));
    expect([fromServer, fromClient]).toEqual([[], []]);
    await settle();
    expect(fromClient).toEqual(['grüße 🚀', [1, 2, 3], 'drain']);
    expect(fromServer).toEqual(['one', [9]]);
  });

  it('carries frames of every length form, several in one write and one in several writes', async () => {
    const { accepted, fromServer } = await openPair({ highWaterMarkBytes: 1_000 });
    const values = [0, 125, 126, 65_535, 65_536, 200_000].map((length) => 'x'.repeat(length));
    const all = values.map(text);
    const joined = new Uint8Array(all.reduce((sum, bytes) => sum + bytes.length, 0));
    let offset = 0;
    for (const bytes of all) {
      joined.set(bytes, offset);
      offset += bytes.length;
    }
    for (let start = 0; start < joined.length; start += 777) accepted.write(joined.subarray(start, start + 777));
    await settle();
    expect(fromServer).toEqual(values);
  });

  it('answers a ping with a pong, and gathers corked writes', async () => {
    const { accepted, fromServer, fromClient } = await openPair();
    accepted.cork();
    accepted.write(text('a'));
    accepted.write(encodeWireFrame(opcodes.ping, new Uint8Array(0)));
    await settle();
    expect(fromServer).toEqual([]);
    expect(accepted.queuedBytes).toBe(5);
    accepted.uncork();
    await settle();
    expect(fromServer).toEqual(['a']);
    expect(fromClient).toEqual(['drain', 'pong']);
    expect([accepted.queuedBytes, accepted.takenBytes]).toEqual([0, 5]);
  });

  it('replaces lone surrogates that a client sends, as UTF-8 has none', async () => {
    const { client, fromClient } = await openPair();
    client.send('a\ud800b');
    await settle();
    expect(fromClient).toEqual(['a\ufffdb']);
  });
});

describe('back-pressure', () => {
  it('takes no more than the network holds while the client stalls, and drains when it reads again', async () => {
    const { pair, accepted, fromServer, fromClient } = await openPair({ highWaterMarkBytes: 100 });
    pair.stall();
    for (let index = 0; index < 30; index += 1) accepted.write(text('12345678'));
    await settle();
    expect([accepted.takenBytes, accepted.queuedBytes]).toEqual([100, 200]);
    expect([fromServer, fromClient]).toEqual([[], []]);
    pair.flow();
    await settle();
    expect(fromServer).toHaveLength(30);
    expect(fromClient).toEqual(['drain']);
    expect([accepted.takenBytes, accepted.queuedBytes]).toEqual([300, 0]);
  });

  it('holds what the client sends while the accepted end is paused', async () => {
    const { client, accepted, fromClient } = await openPair({ highWaterMarkBytes: 100 });
    accepted.pause();
    for (let index = 0; index < 30; index += 1) client.send('12345678');
    await settle();
    expect(fromClient).toEqual([]);
    expect(client.bufferedAmount).toBe(200);
    accepted.resume();
    await settle();
    expect(fromClient).toHaveLength(30);
    expect(client.bufferedAmount).toBe(0);
  });

  it('hands on nothing more once the accepted end pauses between two messages', async () => {
    const { client, accepted, fromClient } = await openPair();
    const { handler } = accepted;
    accepted.handler = {
      ...(handler as AcceptedSocketHandler),
      onText: (value) => {
        fromClient.push(value);
        accepted.pause();
      },
    };
    client.send('a');
    client.send('b');
    await settle();
    expect(fromClient).toEqual(['a']);
    accepted.resume();
    await settle();
    expect(fromClient).toEqual(['a', 'b']);
  });
});

describe('closing', () => {
  it('carries code and reason of a client that closes, after what it sent before', async () => {
    const { pair, client, fromServer, fromClient } = await openPair();
    client.send('last');
    client.close(1000, 'done');
    expect(client.readyState).toBe(2);
    client.send('too late');
    await settle();
    expect(fromClient).toEqual(['last', [1000, 'done']]);
    expect(fromServer).toEqual([[1000, 'done', true]]);
    expect([client.readyState, client.bufferedAmount, pair.closed]).toEqual([3, 8, true]);
  });

  it('carries code and reason of a server that closes, after what it wrote before', async () => {
    const { accepted, fromServer, fromClient } = await openPair();
    accepted.cork();
    accepted.write(text('last'));
    accepted.close(4401, 'token expired');
    accepted.write(text('too late'));
    await settle();
    expect(fromServer).toEqual(['last', [4401, 'token expired', true]]);
    expect(fromClient).toEqual(['drain', [4401, 'token expired']]);
  });

  it('tells 1005 to a server whose client closes without a code', async () => {
    const { client, fromServer, fromClient } = await openPair();
    client.close();
    await settle();
    expect([fromServer, fromClient]).toEqual([[[1005, '', true]], [[1005, '']]]);
  });

  it('throws what a browser throws for codes and reasons that it does not let through', async () => {
    const { client, accepted } = await openPair();
    expect(() => {
      client.close(1002);
    }).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    expect(() => {
      client.close(1000, '€'.repeat(42));
    }).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    expect(() => {
      accepted.close(1006, '');
    }).toThrow(RangeError);
    expect(() => {
      accepted.close(1000, '€'.repeat(42));
    }).toThrow(RangeError);
    expect(client.readyState).toBe(1);
  });

  it('gives 1006 to both ends when the network is cut, and loses what was under way', async () => {
    const { pair, client, accepted, fromServer, fromClient } = await openPair();
    client.send('lost');
    accepted.write(text('lost'));
    pair.cut();
    await settle();
    expect([fromServer, fromClient]).toEqual([[[1006, '', false]], [[1006, '']]]);
  });

  it('gives 1006 to both ends when the server terminates', async () => {
    const { accepted, fromServer, fromClient } = await openPair();
    accepted.terminate();
    expect(fromClient).toEqual([]);
    await settle();
    expect([fromServer, fromClient]).toEqual([[[1006, '', false]], [[1006, '']]]);
  });

  it('tells nobody of a half-open network, and takes what is written', async () => {
    const { pair, client, accepted, fromServer, fromClient } = await openPair();
    pair.halfOpen();
    client.send('lost');
    accepted.write(encodeWireFrame(opcodes.ping, new Uint8Array(0)));
    await settle();
    expect([fromServer, fromClient]).toEqual([[], ['drain']]);
    accepted.terminate();
    await settle();
    expect([fromServer, fromClient]).toEqual([[], ['drain', [1006, '']]]);
    expect(client.readyState).toBe(1);
  });

  it('cuts a socket whose closing handshake is not done in time', async () => {
    const clock = createManualClock();
    const { pair, client, accepted, fromServer, fromClient } = await openPair({ clock });
    pair.halfOpen();
    client.close(1000);
    accepted.close(1001, 'bye');
    await clock.advanceAsync(29_999);
    expect([fromServer, fromClient]).toEqual([[], ['drain']]);
    await clock.advanceAsync(1);
    expect([fromServer, fromClient]).toEqual([[[1006, '', false]], ['drain', [1006, '']]]);
    expect(clock.pending).toBe(0);
  });

  it('gives an error and 1006 to a client that closes before it is open', async () => {
    const pair = createLinkedPair();
    const fromServer = recordClient(pair.client);
    expect(() => {
      pair.client.send('early');
    }).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    pair.client.close(1000);
    await settle();
    expect(fromServer).toEqual(['error', [1006, '', false]]);
  });
});

describe('violations', () => {
  it('closes with 1009 when a client sends more than the accepted end takes', async () => {
    const { client, fromServer, fromClient } = await openPair({ maxPayloadBytes: 10 });
    client.send('0123456789');
    client.send('0123456789a');
    await settle();
    expect(fromClient).toEqual(['0123456789', [1009, 'a message larger than the receiver takes']]);
    expect(fromServer).toEqual([[1009, 'a message larger than the receiver takes', true]]);
  });

  const bad: readonly [title: string, bytes: Uint8Array, code: number][] = [
    ['a masked frame', Uint8Array.of(0x81, 0x80, 0, 0, 0, 0), 1002],
    ['a fragment', Uint8Array.of(0x01, 0x01, 0x61), 1002],
    ['a reserved bit', Uint8Array.of(0xc1, 0x01, 0x61), 1002],
    ['an unknown opcode', Uint8Array.of(0x83, 0x00), 1002],
    ['a length that is not in its shortest form', Uint8Array.of(0x81, 126, 0, 1, 0x61), 1002],
    ['a control frame over 125 bytes', Uint8Array.of(0x89, 126, 0, 126), 1002],
    ['text that is not UTF-8', Uint8Array.of(0x81, 2, 0xc0, 0xaf), 1007],
    ['a close code that must not be sent', encodeWireFrame(opcodes.close, encodeClose(1006, '')), 1002],
  ];
  it.each(bad)('fails the connection when the accepted end writes %s', async (_title, bytes, code) => {
    const { accepted, fromServer, fromClient } = await openPair();
    accepted.write(bytes);
    await settle();
    expect(fromServer).toEqual(['error', [1006, '', false]]);
    expect(fromClient).toEqual(['drain', [code, expect.any(String)]]);
  });
});
