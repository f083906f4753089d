import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptingStart, acceptingTransition, type AcceptingState } from '../../src/core/accepting-peer.ts';
import {
  connectingStart,
  connectingTransition,
  type ConnectingEffect,
  type ConnectingState,
} from '../../src/core/connecting-peer.ts';
import { timings } from '../../src/protocol/timings.ts';
import { anyAcceptingEvent, anyConnectingEvent, connectingConfig } from '../support/machine-events.ts';
import { checkProperty, propertyTimeoutMs } from '../support/property.ts';

const acceptingOrder = ['waiting', 'authenticating', 'open', 'draining', 'closed'];

describe('the accepting peer, on any events in any order', { timeout: propertyTimeoutMs }, () => {
  it('[R2] [O1] [O7] releases once, closes at most once, goes only forward, and does nothing more when closed', () => {
    const property = fc.property(fc.array(anyAcceptingEvent, { maxLength: 40 }), (events) => {
      let state: AcceptingState = acceptingStart;
      const seen = { release: 0, close: 0, welcome: 0, authenticate: 0, goaway: 0, dispatch: 0 };
      for (const event of events) {
        const before: AcceptingState = state;
        const next = acceptingTransition(before, event);
        state = next.state;
        expect(acceptingOrder.indexOf(state.name)).toBeGreaterThanOrEqual(acceptingOrder.indexOf(before.name));
        if (before.name === 'closed') expect(next).toEqual({ state: before, effects: [] });
        for (const { type } of next.effects) seen[type] += 1;
        if (next.effects.some(({ type }) => type === 'dispatch')) expect(['open', 'draining']).toContain(before.name);
        // Whatever ends the connection gives back what it held, last.
        if (state.name === 'closed' && before.name !== 'closed')
          expect(next.effects.at(-1)).toEqual({ type: 'release' });
      }
      expect(seen.release).toBe(state.name === 'closed' ? 1 : 0);
      for (const once of ['close', 'welcome', 'authenticate', 'goaway'] as const)
        expect(seen[once]).toBeLessThanOrEqual(1);
      if (seen.welcome > 0) expect(seen.authenticate).toBe(1);
    });
    checkProperty(property, 1_500);
  });
});

/** What a shell would hold, kept from the effects alone. */
class ShellModel {
  timerSet = false;
  /** The socket that was dialled last and has neither been closed nor ended by itself. */
  socket: number | undefined;
  /** Dials that have not been given back yet. */
  held = new Set<number>();
  released = 0;

  run(effect: ConnectingEffect, dial: number): void {
    switch (effect.type) {
      case 'dial':
        expect(this.socket).toBeUndefined();
        expect(effect.dial).toBe(dial);
        this.socket = effect.dial;
        this.held.add(effect.dial);
        break;
      case 'timer':
        expect(effect.ms).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(effect.ms)).toBe(true);
        this.timerSet = true;
        break;
      case 'clear-timer':
        this.timerSet = false;
        break;
      case 'close-socket':
        expect(this.socket).toBe(dial);
        this.socket = undefined;
        break;
      case 'release':
        // Exactly once for each dial.
        expect(this.held.delete(dial)).toBe(true);
        this.released += 1;
        break;
      case 'opened':
      case 'hold':
      case 'probe':
        expect(this.socket).toBe(dial);
        break;
      case 'stopped':
        expect(this.timerSet).toBe(false);
        break;
    }
  }
}

const waitsForTimer = ['connecting', 'leaving', 'backoff'];
const withSocket = ['connecting', 'open', 'leaving'];

describe('the connecting peer, on any events in any order', { timeout: propertyTimeoutMs }, () => {
  it('[G1] [G4] [G5] releases each dial once, keeps its timer in balance, and heeds no earlier dial', () => {
    const events = fc.array(anyConnectingEvent, { maxLength: 60 });
    const maxAttempts = fc.constantFrom(Infinity, Infinity, 0, 1, 3);
    const property = fc.property(events, maxAttempts, (sequence, limit) => {
      const config = { ...connectingConfig, maxAttempts: limit };
      const shell = new ShellModel();
      let state: ConnectingState = connectingStart;
      for (const { back, event: make } of sequence) {
        const event = make(state.dial - back);
        const before: ConnectingState = state;
        const next = connectingTransition(before, event, config);
        state = next.state;
        if ('dial' in event && back > 0) expect(next).toEqual({ state: before, effects: [] });
        expect(state.dial - before.dial).toBe(next.effects.some(({ type }) => type === 'dial') ? 1 : 0);
        // The socket is gone before the shell is told what to do about it.
        if (event.type === 'socket-closed' && back === 0 && shell.socket === event.dial) shell.socket = undefined;
        // The timer that runs out is set no more.
        if (event.type === 'timer') shell.timerSet = false;
        for (const effect of next.effects) shell.run(effect, before.dial === state.dial ? before.dial : state.dial);
        expect(shell.socket !== undefined).toBe(withSocket.includes(state.name));
        expect(shell.held.size).toBe(withSocket.includes(state.name) ? 1 : 0);
        if (event.type !== 'timer' || next.effects.length > 0)
          expect([state.name, shell.timerSet]).toEqual([state.name, waitsForTimer.includes(state.name)]);
        else shell.timerSet = waitsForTimer.includes(state.name);
        if (state.name === 'backoff') expectBounded(state, before);
        if (before.name === 'backoff' && event.type === 'wake' && event.at < before.notBeforeAt)
          expect([state.name, state.dial]).toEqual(['backoff', before.dial]);
        if (event.type === 'stop') expect(state.name).toBe('closed');
      }
      const { state: stopped, effects } = connectingTransition(state, { type: 'stop', code: 1000, reason: '' }, config);
      expect(stopped.name).toBe('closed');
      for (const effect of effects) shell.run(effect, stopped.dial);
      expect([shell.timerSet, shell.socket, shell.held.size]).toEqual([false, undefined, 0]);
      expect(shell.released).toBe(stopped.dial);
    });
    checkProperty(property, 1_500);
  });
});

function expectBounded(state: ConnectingState & { name: 'backoff' }, before: ConnectingState): void {
  expect(state.retryAt).toBeGreaterThanOrEqual(state.notBeforeAt);
  if (before.name === 'backoff') return;
  expect(state.attempt).toBeGreaterThanOrEqual(1);
  const leastMs = before.name === 'leaving' ? before.retryAfterMs : 0;
  // The events' times lie between 0 and 2,000,000.
  expect(state.retryAt).toBeLessThanOrEqual(2_000_000 + leastMs + timings.backoffMaxMs);
}
