import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client, ClientState, GetToken } from '@fleetwire/websocket-core/client';
import { AuthSession } from './auth-session.ts';
import type { HintStorage } from './hint-storage.ts';

const user = { id: 'u1', username: 'admin', orgId: 'o1' };
const lifetimeMs = 600_000;

let calls: string[];
let answer: (name: string) => Response | Promise<Response>;
let issued: number;

const granted = (): Response => {
  issued += 1;
  return Response.json({ accessToken: `token-${String(issued)}`, expiresAt: Date.now() + lifetimeMs, user });
};
const refused = (status: number, code: string): Response =>
  Response.json({ code, detail: 'no', retryAfterMs: 5000 }, { status });

/** Stands for the live client: the session creates it, hears of its state and disposes it. */
class FakeClient {
  readonly getToken: GetToken;
  disposed = 0;
  connects = 0;
  #listener: ((state: ClientState) => void) | undefined;

  constructor(getToken: GetToken) {
    this.getToken = getToken;
  }
  onState(listener: (state: ClientState) => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }
  connect(): void {
    this.connects += 1;
  }
  onDispose = (): void => undefined;
  dispose(): void {
    this.disposed += 1;
    this.onDispose();
  }
  close(code: number): void {
    this.#listener?.({ status: 'closed', code, reason: '' });
  }
}

let clients: FakeClient[];
let hints: Map<string, string>;
let tabHints: Map<string, string>;
let isFull: boolean;
let reported: ReturnType<typeof vi.fn>;
const storageOf = (items: Map<string, string>) => ({
  getItem: (key: string) => items.get(key) ?? null,
  setItem: (key: string, value: string) => {
    if (isFull) throw new DOMException('no room', 'QuotaExceededError');
    items.set(key, value);
  },
  removeItem: (key: string) => items.delete(key),
});
const readOnly: HintStorage = {
  getItem: () => null,
  setItem: () => {
    throw new DOMException('no room', 'QuotaExceededError');
  },
  removeItem: () => undefined,
};
const createSession = (storage: HintStorage = storageOf(hints)): AuthSession =>
  new AuthSession(
    (getToken) => {
      const client = new FakeClient(getToken);
      clients.push(client);
      return client as unknown as Client;
    },
    storage,
    storageOf(tabHints),
  );
const ask = (client: FakeClient | undefined, reason: 'connect' | 'refresh' | 'expired') =>
  client?.getToken({ reason, signal: new AbortController().signal });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  calls = [];
  clients = [];
  hints = new Map([['fleetwire.signed-in', '1']]);
  tabHints = new Map();
  isFull = false;
  issued = 0;
  answer = granted;
  reported = vi.fn();
  vi.stubGlobal('reportError', reported);
  vi.stubGlobal('fetch', async (url: string) => {
    const name = url.split('/').at(-1) ?? '';
    calls.push(name);
    return answer(name);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('AuthSession', () => {
  it('finds the sign-in that the browser holds, once', async () => {
    const session = createSession();
    await session.restore();
    await session.restore();
    expect(session.getState()).toMatchObject({ status: 'signed-in', user });
    expect(calls).toEqual(['refresh']);
  });

  it('is signed out when the browser holds none, and does not call that an end', async () => {
    answer = () => refused(401, 'UNAUTHENTICATED');
    const session = createSession();
    await session.restore();
    expect(session.getState()).toEqual({ status: 'signed-out', ended: false });
    // From now on there is nothing to ask for.
    const next = createSession();
    await next.restore();
    expect(next.getState()).toEqual({ status: 'signed-out', ended: false });
    expect(calls).toEqual(['refresh']);
  });

  it('does not know who is signed in while the server cannot be reached', async () => {
    answer = () => Promise.reject(new TypeError('no network'));
    const session = createSession();
    await expect(session.restore()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(session.getState()).toEqual({ status: 'unknown' });
  });

  it('tells why a sign-in failed', async () => {
    answer = () => refused(429, 'RATE_LIMITED');
    await expect(createSession().signIn('admin', 'x')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 5000,
    });
  });

  it('gives the client the token that it has, and a new one before that expires or when it was refused', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    const [client] = clients;
    expect(await ask(client, 'connect')).toBe('token-1');
    vi.setSystemTime(Date.now() + lifetimeMs - 30_000);
    expect(await ask(client, 'connect')).toBe('token-2');
    expect(await ask(client, 'expired')).toBe('token-3');
    expect(calls).toEqual(['login', 'refresh', 'refresh']);
    expect(clients).toHaveLength(1);
  });

  it('refreshes once for all who ask at the same time', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    const tokens = await Promise.all([
      ask(clients[0], 'refresh'),
      ask(clients[0], 'expired'),
      ask(clients[0], 'refresh'),
    ]);
    expect(tokens).toEqual(['token-2', 'token-2', 'token-2']);
  });

  it('keeps the sign-in when a refresh fails for another reason than a refusal', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    answer = () => refused(503, 'UNAVAILABLE');
    await expect(ask(clients[0], 'refresh')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(session.getState().status).toBe('signed-in');
  });

  it('ends when the server refuses the refresh, and lets go of the client', async () => {
    const session = createSession();
    const listener = vi.fn();
    await session.signIn('admin', 'x');
    session.subscribe(listener);
    answer = () => refused(401, 'UNAUTHENTICATED');
    await expect(ask(clients[0], 'refresh')).rejects.toThrow('nobody is signed in');
    expect(session.getState()).toEqual({ status: 'signed-out', ended: true });
    expect([clients[0]?.disposed, listener.mock.calls.length]).toEqual([1, 1]);
    // The page may be loaded anew before anybody has read that.
    const next = createSession();
    await next.restore();
    expect(next.getState()).toEqual({ status: 'signed-out', ended: true });
    // Once it was told, that is enough.
    const later = createSession();
    await later.restore();
    expect(later.getState()).toEqual({ status: 'signed-out', ended: false });
    answer = granted;
    await next.signIn('admin', 'x');
    await next.signOut();
    const last = createSession();
    await last.restore();
    expect(last.getState()).toEqual({ status: 'signed-out', ended: false });
  });

  it('is not said to be over by the page after it where another one in the same page came between', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    answer = () => refused(401, 'UNAUTHENTICATED');
    await expect(ask(clients[0], 'refresh')).rejects.toThrow('nobody is signed in');
    answer = granted;
    await session.signIn('admin', 'x');
    await session.signOut();
    const next = createSession();
    await next.restore();
    expect(next.getState()).toEqual({ status: 'signed-out', ended: false });
  });

  it('ends, and is signed out of the server, also where the browser has no room for a hint', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    const session = createSession();
    await session.signIn('admin', 'x');
    isFull = true;
    answer = () => refused(401, 'UNAUTHENTICATED');
    await expect(ask(clients[0], 'refresh')).rejects.toThrow('nobody is signed in');
    expect([session.getState(), clients[0]?.disposed]).toEqual([{ status: 'signed-out', ended: true }, 1]);
    answer = granted;
    await session.signIn('admin', 'x');
    answer = () => Promise.reject(new TypeError('no network'));
    await session.signOut();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(calls).toEqual(['login', 'refresh', 'login', 'logout', 'logout']);
  });

  it('asks the server each time where the browser has no room for a hint', async () => {
    hints.clear();
    isFull = true;
    await createSession().signIn('admin', 'x');
    const next = createSession();
    await next.restore();
    expect([next.getState().status, calls]).toEqual(['signed-in', ['login', 'refresh']]);
    hints.set('fleetwire.signed-in', 'leaving');
    const last = createSession();
    await last.restore();
    expect([last.getState().status, calls.at(-1)]).toEqual(['signed-out', 'logout']);
  });

  it('is over in one tab by the sign-out in another, and no tab that comes later says so', async () => {
    const [here, there] = [createSession(), createSession()];
    await here.signIn('admin', 'x');
    await there.restore();
    answer = (name) => (name === 'logout' ? new Response(null, { status: 204 }) : refused(401, 'UNAUTHENTICATED'));
    await here.signOut();
    await expect(ask(clients[1], 'refresh')).rejects.toThrow('nobody is signed in');
    expect(there.getState()).toEqual({ status: 'signed-out', ended: true });
    tabHints = new Map();
    const later = createSession();
    await later.restore();
    expect(later.getState()).toEqual({ status: 'signed-out', ended: false });
  });

  it('asks again when the socket is closed for its token: another tab may have signed in anew, or the sign-in is over', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    clients[0]?.close(1002);
    clients[0]?.close(4501);
    await vi.waitFor(() => {
      expect(clients[0]?.connects).toBe(1);
    });
    answer = () => refused(401, 'UNAUTHENTICATED');
    clients[0]?.close(4501);
    await vi.waitFor(() => {
      expect(session.getState()).toEqual({ status: 'signed-out', ended: true });
    });
    expect(calls).toEqual(['login', 'refresh', 'refresh']);
  });

  it('lets go of the client when another tab has signed in another user, or the same one to another organisation', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    for (const other of [
      { ...user, orgId: 'o2' },
      { ...user, id: 'u2', orgId: 'o2' },
    ]) {
      const former = clients.at(-1);
      answer = () => Response.json({ accessToken: 'theirs', expiresAt: Date.now() + lifetimeMs, user: other });
      former?.close(4501);
      await vi.waitFor(() => {
        expect(session.getState()).toMatchObject({ status: 'signed-in', user: other });
      });
      expect(former?.disposed).toBe(1);
    }
    expect(clients).toHaveLength(3);
  });

  it('signs out here at once, whatever becomes of the call, and a refresh under way does not sign in again', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    let finish: (response: Response) => void = () => undefined;
    answer = (name) =>
      name === 'logout'
        ? Promise.reject(new TypeError('no network'))
        : new Promise((resolve) => {
            finish = resolve;
          });
    const refresh = ask(clients[0], 'refresh');
    const out = session.signOut();
    expect(session.getState()).toEqual({ status: 'signed-out', ended: false });
    await out;
    finish(granted());
    await expect(refresh).rejects.toThrow('nobody is signed in');
    expect(session.getState()).toEqual({ status: 'signed-out', ended: false });
    expect([clients.length, clients[0]?.disposed]).toEqual([1, 1]);
  });

  it('is signed out of the server whatever those throw who hear of it, and what they do to the page', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    const hint = vi.fn();
    const failure = new Error('createElement of a plugin');
    session.subscribe(() => {
      vi.stubGlobal('fetch', () => new Promise(() => undefined));
      throw failure;
    });
    session.subscribe(() => {
      hint(hints.get('fleetwire.signed-in'), session.getState());
    });
    if (clients[0] !== undefined) {
      clients[0].onDispose = () => {
        throw failure;
      };
    }
    answer = () => new Response(null, { status: 204 });
    await session.signOut();
    expect(calls).toEqual(['login', 'logout']);
    expect(hint).toHaveBeenCalledExactlyOnceWith('leaving', { status: 'signed-out', ended: false });
    expect(reported.mock.calls).toEqual([[failure], [failure]]);
    expect(hints.size).toBe(0);
  });

  it('tells when the server has heard of the sign-out, or need not', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    const session = createSession();
    expect(session.signOutHeard).toBeUndefined();
    for (const end of ['heard', 'signed in'] as const) {
      answer = granted;
      await session.signIn('admin', 'x');
      expect(session.signOutHeard).toBeUndefined();
      answer = () => Promise.reject(new TypeError('no network'));
      let atTheEnd: Promise<void> | undefined;
      const unsubscribe = session.subscribe(() => {
        atTheEnd = session.signOutHeard;
      });
      await session.signOut();
      unsubscribe();
      const heard = vi.fn();
      void atTheEnd?.then(heard);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(heard).not.toHaveBeenCalled();
      answer = granted;
      if (end === 'signed in') await session.signIn('admin', 'x');
      await vi.advanceTimersByTimeAsync(5_000);
      expect(heard).toHaveBeenCalledTimes(1);
    }
  });

  it('is not signed in again by what asks for a token after the sign-out, while the server has not heard of it', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    let loggedOut = (): void => undefined;
    answer = (name) =>
      name === 'logout'
        ? new Promise((resolve) => {
            loggedOut = () => {
              resolve(new Response(null, { status: 204 }));
            };
          })
        : granted();
    let asked: Promise<string> | undefined;
    if (clients[0] !== undefined) {
      clients[0].onDispose = () => {
        asked = session.token();
        asked.catch(() => undefined);
      };
    }
    const left = session.signOut();
    await expect(asked).rejects.toThrow();
    await expect(session.token()).rejects.toThrow();
    await expect(session.token({ reason: 'expired' })).rejects.toThrow();
    await expect(ask(clients[0], 'expired')).rejects.toThrow();
    expect(session.getState()).toEqual({ status: 'signed-out', ended: false });
    loggedOut();
    await left;
    expect(calls).toEqual(['login', 'logout']);
    expect(clients).toHaveLength(1);
  });

  it('signs out of a server that was away as soon as it is back', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    const session = createSession();
    await session.signIn('admin', 'x');
    answer = () => Promise.reject(new TypeError('no network'));
    await session.signOut();
    answer = () => new Response(null, { status: 204 });
    await vi.advanceTimersByTimeAsync(5_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual(['login', 'logout', 'logout']);
    expect(hints.size).toBe(0);
  });

  it('signs out in the next page when this one did not get to it, and restores nothing', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    const session = createSession();
    await session.signIn('admin', 'x');
    answer = () => Promise.reject(new TypeError('no network'));
    await session.signOut();
    answer = (name) => (name === 'logout' ? new Response(null, { status: 204 }) : granted());
    const next = createSession();
    await next.restore();
    expect(next.getState()).toEqual({ status: 'signed-out', ended: false });
    expect(calls).toEqual(['login', 'logout', 'logout']);
    expect(hints.size).toBe(0);
  });

  it('is signed out by the next page of the tab also where the browser has no room for a hint', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    await createSession(readOnly).signIn('admin', 'x');
    const session = createSession(readOnly);
    await session.restore();
    expect(session.getState().status).toBe('signed-in');
    answer = () => Promise.reject(new TypeError('no network'));
    await session.signOut();
    answer = (name) => (name === 'logout' ? new Response(null, { status: 204 }) : granted());
    const next = createSession(readOnly);
    await next.restore();
    expect(next.getState()).toEqual({ status: 'signed-out', ended: false });
    expect(calls).toEqual(['login', 'refresh', 'logout', 'logout']);
    expect(tabHints.size).toBe(0);
    await next.signIn('admin', 'x');
    const last = createSession(readOnly);
    await last.restore();
    expect(last.getState().status).toBe('signed-in');
  });

  it('is not signed out by the next page of the tab where another tab has signed in since', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    const session = createSession();
    await session.signIn('admin', 'x');
    answer = () => Promise.reject(new TypeError('no network'));
    await session.signOut();
    hints.set('fleetwire.signed-in', '1');
    answer = granted;
    const next = createSession();
    await next.restore();
    expect([next.getState().status, tabHints.size]).toEqual(['signed-in', 0]);
  });

  it('finds out whether there is room for a hint without touching one that another tab writes meanwhile', async () => {
    hints.clear();
    const storage = storageOf(hints);
    await createSession({
      ...storage,
      setItem: (key, value) => {
        storage.setItem(key, value);
        hints.set('fleetwire.signed-in', '1');
      },
    }).restore();
    expect([...hints]).toEqual([['fleetwire.signed-in', '1']]);
  });

  it('leaves a new sign-in alone when the sign-out before it did not reach the server', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    const session = createSession();
    await session.signIn('admin', 'x');
    answer = () => Promise.reject(new TypeError('no network'));
    await session.signOut();
    answer = granted;
    await session.signIn('admin', 'x');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual(['login', 'logout', 'login']);
    expect([session.getState().status, hints.get('fleetwire.signed-in')]).toEqual(['signed-in', '1']);
  });

  it('leaves the new sign-in of another tab alone, and is not held up by the refresh of one', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    const [session, other] = [createSession(), createSession()];
    await session.signIn('admin', 'x');
    await other.restore();
    answer = (name) => (name === 'logout' ? Promise.reject(new TypeError('no network')) : granted());
    await session.signOut();
    await ask(clients[1], 'refresh');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(calls.filter((name) => name === 'logout')).toHaveLength(2);
    await other.signIn('admin', 'x');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.filter((name) => name === 'logout')).toHaveLength(2);
  });

  it('takes no answer of the sign-in before for the one after', async () => {
    const session = createSession();
    await session.signIn('admin', 'x');
    let finish: (response: Response) => void = () => undefined;
    answer = (name) => {
      if (name === 'login') return granted();
      if (name === 'logout') return new Response(null, { status: 204 });
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const refresh = ask(clients[0], 'refresh');
    await session.signOut();
    await session.signIn('admin', 'x');
    finish(refused(401, 'UNAUTHENTICATED'));
    await expect(refresh).rejects.toThrow('nobody is signed in');
    expect(session.getState().status).toBe('signed-in');
    expect(clients[1]?.disposed).toBe(0);
  });
});
