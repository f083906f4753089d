import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AcceptedSocket, AcceptedSocketHandler } from '../core/accepted-socket.ts';
import { timings } from '../protocol/timings.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { createServer, type Server } from './create-server.ts';
import type { Identity } from './types.ts';

/** A peer that says hello and then does as the test wants; most of all, nothing. */
class DeafSocket implements AcceptedSocket {
  handler: AcceptedSocketHandler | undefined;
  readonly queuedBytes = 0;
  readonly takenBytes = 0;
  readonly frames: string[] = [];
  closeCode: number | undefined;
  terminated = false;
  write(bytes: Uint8Array): void {
    this.frames.push(Buffer.from(bytes).toString('latin1'));
  }
  cork(): void {
    // nothing to gather
  }
  uncork(): void {
    // nothing to gather
  }
  pause(): void {
    // nothing comes
  }
  resume(): void {
    // nothing comes
  }
  close(code: number): void {
    this.closeCode = code;
  }
  terminate(): void {
    if (this.terminated) return;
    this.terminated = true;
    queueMicrotask(() => this.handler?.onClose(1006, ''));
  }
  get told(): boolean {
    return this.frames.some((frame) => frame.includes('"goaway"'));
  }
}

describe('a drain', () => {
  const deadlineMs = timings.drainDeadlineMs;
  let clock: ManualClock;
  let server: Server;
  afterEach(() => server.dispose());

  async function start(count: number, onDisconnected?: () => void): Promise<DeafSocket[]> {
    clock = createManualClock();
    server = createServer<Identity>({
      authenticate: () => ({ identity: { userId: 'ada', orgId: 'acme' } }),
      clock,
      random: () => 0.99,
      onDisconnected,
    });
    const sockets = Array.from({ length: count }, () => new DeafSocket());
    for (const socket of sockets) {
      server.accept(socket);
      socket.handler?.onText('{"type":"hello","protocol":1,"peer":{"name":"deaf","version":"1"}}');
    }
    for (let turn = 0; turn < 4; turn += 1) await clock.settle();
    return sockets;
  }

  it('[G2] sends goaway one after the other over the first half of its deadline', async () => {
    const sockets = await start(100);
    const told = (): number => sockets.filter((socket) => socket.told).length;
    const drained = server.drain();
    await clock.advanceAsync(0);
    expect(told()).toBeLessThan(5);
    const shares: number[] = [];
    for (let eighth = 1; eighth <= 4; eighth += 1) {
      await clock.advanceAsync(deadlineMs / 8);
      await clock.settle();
      shares.push(told());
    }
    for (const [index, share] of shares.entries()) {
      expect(share).toBeGreaterThanOrEqual(25 * (index + 1) - 3);
      expect(share).toBeLessThanOrEqual(25 * (index + 1) + 3);
    }
    expect(told()).toBe(100);
    expect(sockets.every(({ closeCode }) => closeCode === undefined)).toBe(true);
    await clock.advanceAsync(deadlineMs);
    await drained;
  });

  it('[G2] closes what is left with 1012 in time for the handshake, and cuts what does not answer at the deadline', async () => {
    const sockets = await start(3);
    const settled = vi.fn();
    void server.drain().then(settled);
    await clock.advanceAsync(deadlineMs * 0.9 - 1);
    expect(sockets.map(({ closeCode }) => closeCode)).toEqual([undefined, undefined, undefined]);
    await clock.advanceAsync(2);
    expect(sockets.map(({ closeCode }) => closeCode)).toEqual([1012, 1012, 1012]);
    sockets[0]?.handler?.onClose(1012, '');
    await clock.advanceAsync(deadlineMs * 0.1 - 2);
    expect([settled.mock.calls.length, sockets[1]?.terminated]).toEqual([0, false]);
    await clock.advanceAsync(2);
    expect(sockets.map(({ terminated }) => terminated)).toEqual([false, true, true]);
    expect(settled).toHaveBeenCalledOnce();
  });

  it('[G2] ends as soon as the last socket is closed', async () => {
    const sockets = await start(2);
    const settled = vi.fn();
    void server.drain().then(settled);
    await clock.advanceAsync(deadlineMs / 2);
    for (const socket of sockets) socket.handler?.onClose(1000, 'goaway');
    await clock.advanceAsync(0);
    await clock.settle();
    expect(settled).toHaveBeenCalledOnce();
  });

  it('dispose cuts what is open and what was asked to close before, and tells of each once', async () => {
    const onDisconnected = vi.fn();
    const sockets = await start(2, onDisconnected);
    const [first] = server.connections({ orgId: 'acme' });
    first?.close(4000, 'closed before');
    await server.dispose();
    expect(sockets.map(({ terminated }) => terminated)).toEqual([true, true]);
    await clock.settle();
    expect(onDisconnected).toHaveBeenCalledTimes(2);
    expect(server.stats().closes).toEqual({ OTHER: 1, SERVICE_RESTART: 1 });
  });
});
