import type { Client, GetToken } from '@fleetwire/websocket-core/client';
import { patientStorage, type HintStorage, type PatientStorage } from './hint-storage.ts';

/** Who is signed in. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly orgId: string;
}

/**
 * The sign-in of this page. `unknown` until the server was asked; `ended` says that a sign-in was there and is over, not
 * by this page's doing.
 */
export type AuthState =
  | { readonly status: 'unknown' }
  | { readonly status: 'signed-out'; readonly ended: boolean }
  | { readonly status: 'signed-in'; readonly user: User; readonly client: Client };

/** What a failed call told; `code` is the server's, or `UNREACHABLE`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A page has it; where the server's tests read types of this file, none is known. */
interface ErrorReporter {
  readonly reportError: (error: unknown) => void;
}

interface Grant {
  readonly accessToken: string;
  readonly expiresAt: number;
  readonly user: User;
}

/** A token with less time than this left is exchanged before it is used. */
const leastRemainingMs = 30_000;

/**
 * Remembers that this browser has signed in, or that a sign-out has not reached the server yet; what it holds is worth
 * nothing by itself.
 */
const hintKey = 'fleetwire.signed-in';
const signedIn = '1';
const leaving = 'leaving';

/** Of a tab: its sign-in is over, not by its doing, and the page may be loaded anew before it has told anybody. */
const overKey = 'fleetwire.sign-in-over';

/** Of a tab: the same as `leaving`, where the browser has no room for that. */
const leavingKey = 'fleetwire.leaving';

/** A sign-out that did not reach the server is tried again so often: seldom enough for a server that is down for long. */
const signOutRetryMs = 5_000;

/** Reject of `getToken` once nobody is signed in; the client is disposed by then. */
const signedOutMessage = 'nobody is signed in';

/**
 * Holds the sign-in: the access token in memory alone, the refresh token in a cookie that scripts cannot read, and the
 * live client for as long as somebody is signed in.
 */
export class AuthSession {
  readonly #createClient: (getToken: GetToken) => Client;
  readonly #storage: PatientStorage | undefined;
  readonly #tabStorage: PatientStorage | undefined;
  // As they are before any code of a plugin runs: none is to hold back a sign-out.
  readonly #fetch = fetch.bind(globalThis);
  readonly #setTimeout = setTimeout.bind(globalThis);
  readonly #reportError = (globalThis as unknown as ErrorReporter).reportError.bind(globalThis);
  readonly #listeners = new Set<() => void>();
  #state: AuthState = { status: 'unknown' };
  #grant: Grant | undefined;
  #refreshing: Promise<Grant | undefined> | undefined;
  /** Grows at each sign-out, so that a refresh from before it changes nothing. */
  #era = 0;
  #signOutHeard: Promise<void> | undefined;

  /**
   * `storage`, of the browser, holds a hint whether it is worth asking the server; without one it is asked each time.
   * `tabStorage` is of the tab. Either may have no room.
   */
  constructor(
    createClient: (getToken: GetToken) => Client,
    storage: HintStorage | undefined,
    tabStorage?: HintStorage,
  ) {
    this.#createClient = createClient;
    this.#storage = storage && patientStorage(storage);
    this.#tabStorage = tabStorage && patientStorage(tabStorage);
  }

  readonly getState = (): AuthState => this.#state;

  /**
   * Resolves when the server has heard of this page's sign-out, or need not any more, as somebody has signed in since.
   * Undefined where there is none since the last sign-in. Never rejects.
   */
  get signOutHeard(): Promise<void> | undefined {
    return this.#signOutHeard;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Finds out once whether the browser holds a sign-in. Throws an {@link ApiError} when the server cannot say. */
  async restore(): Promise<void> {
    if (this.#state.status !== 'unknown') return;
    const hint = this.#storage?.getItem(hintKey);
    const isOver = this.#tabStorage?.getItem(overKey) === '1';
    // Told once.
    this.#tabStorage?.removeItem(overKey);
    // Where the browser says that it is signed in, another tab has done that since.
    const isLeaving = hint !== signedIn && this.#tabStorage?.getItem(leavingKey) === '1';
    if (hint === leaving || isLeaving) await this.signOut();
    // Where nothing can be kept, that there is none says nothing.
    else if (hint === null && this.#storage?.canKeep(hintKey) === true) this.#leave(isOver);
    else await this.#refresh();
  }

  async signIn(username: string, password: string): Promise<void> {
    const grant = (await this.#call('login', { username, password })) as Grant;
    this.#storage?.setItem(hintKey, signedIn);
    this.#enter(grant);
  }

  /**
   * Signs out here at once, and on the server as soon as it can be reached, also by the next page of this browser: until
   * then the browser holds the refresh cookie. Resolves when the server was asked once.
   */
  async signOut(): Promise<void> {
    const before = this.#end(false);
    this.#storage?.setItem(hintKey, leaving);
    this.#tabStorage?.setItem(leavingKey, '1');
    // Under way before anybody hears of the end: those who do may be code of plugins.
    let asked: Promise<void> | undefined;
    this.#signOutHeard = new Promise((resolve) => {
      asked = this.#signOutOfServer(this.#era, resolve);
    });
    this.#tellEnd(before);
    await asked;
  }

  async #signOutOfServer(era: number, onHeard: () => void): Promise<void> {
    try {
      await this.#call('logout');
      if (this.#storage?.getItem(hintKey) === leaving) this.#storage.removeItem(hintKey);
      if (era === this.#era) this.#tabStorage?.removeItem(leavingKey);
      onHeard();
    } catch {
      this.#setTimeout(() => {
        if (this.#isToSignOut(era)) void this.#signOutOfServer(era, onHeard);
        else onHeard();
      }, signOutRetryMs);
    }
  }

  /** Not after a sign-in since then, here or in another tab: it has another cookie. */
  #isToSignOut(era: number): boolean {
    if (era !== this.#era || this.#state.status === 'signed-in') return false;
    return this.#storage === undefined || this.#storage.getItem(hintKey) === leaving;
  }

  /** A token for requests beside the socket; another one when the last was refused as expired. */
  readonly token = async (request?: { readonly reason: 'request' | 'expired' }): Promise<string> => {
    const isUsable = request?.reason !== 'expired' && this.#isFresh(this.#grant);
    const grant = isUsable ? this.#grant : await this.#refresh();
    if (grant === undefined) throw new Error(signedOutMessage);
    return grant.accessToken;
  };

  readonly #getToken: GetToken = async ({ reason }) => {
    if (reason === 'connect') return this.token();
    const grant = await this.#refresh();
    if (grant === undefined) throw new Error(signedOutMessage);
    return grant.accessToken;
  };

  /** The server refused the token for good: it may know a newer sign-in of this browser, or the sign-in is over. */
  async #check(client: Client): Promise<void> {
    const grant = await this.#refresh().catch(() => this.#grant);
    if (grant !== undefined && this.#state.status === 'signed-in' && this.#state.client === client) client.connect();
  }

  #refresh(): Promise<Grant | undefined> {
    // The cookie is good until the server has heard of the sign-out: what still asks must not sign in with it again.
    if (this.#state.status === 'signed-out') return Promise.resolve(undefined);
    const era = this.#era;
    this.#refreshing ??= this.#call('refresh')
      .then(
        (answer) => {
          // A sign-out that came meanwhile stands.
          return era === this.#era ? this.#enter(answer as Grant) : undefined;
        },
        (error: unknown) => {
          if (!(error instanceof ApiError) || error.code !== 'UNAUTHENTICATED') throw error;
          if (era !== this.#era) return undefined;
          this.#storage?.removeItem(hintKey);
          const isOver = this.#state.status === 'signed-in';
          if (isOver) this.#tabStorage?.setItem(overKey, '1');
          this.#leave(isOver);
          return undefined;
        },
      )
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  #enter(grant: Grant): Grant {
    this.#grant = grant;
    this.#signOutHeard = undefined;
    this.#tabStorage?.removeItem(overKey);
    this.#tabStorage?.removeItem(leavingKey);
    // What another tab refreshed is no reason to forget that this browser is being signed out.
    if (this.#storage?.getItem(hintKey) !== leaving) this.#storage?.setItem(hintKey, signedIn);
    const { user } = grant;
    if (this.#state.status === 'signed-in') {
      const { user: former, client } = this.#state;
      if (former.id === user.id && former.orgId === user.orgId) return grant;
      this.#attempt(() => {
        client.dispose();
      });
    }
    const client = this.#createClient(this.#getToken);
    client.onState((state) => {
      if (state.status === 'closed' && state.code === 4501) void this.#check(client);
    });
    this.#set({ status: 'signed-in', user, client });
    return grant;
  }

  #leave(ended: boolean): void {
    this.#tellEnd(this.#end(ended));
  }

  /** Gives back what there was before. */
  #end(ended: boolean): AuthState {
    this.#grant = undefined;
    this.#era += 1;
    const before = this.#state;
    if (before.status !== 'signed-out') this.#state = { status: 'signed-out', ended };
    return before;
  }

  #tellEnd(before: AuthState): void {
    if (before.status === 'signed-out') return;
    // Those who hear of its end may ask for a token at once: by then there is none.
    if (before.status === 'signed-in') {
      this.#attempt(() => {
        before.client.dispose();
      });
    }
    this.#tell();
  }

  #set(state: AuthState): void {
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) this.#attempt(listener);
  }

  /** What one of those throws who hear of a change keeps it from nobody else. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#reportError(error);
    }
  }

  #isFresh(grant: Grant | undefined): grant is Grant {
    return grant !== undefined && grant.expiresAt - Date.now() > leastRemainingMs;
  }

  async #call(name: 'login' | 'refresh' | 'logout', body?: object): Promise<unknown> {
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    // A sign-out is sent also by a page that goes.
    const keepalive = name === 'logout';
    const init = { method: 'POST', headers, keepalive, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    let response: Response;
    try {
      response = await this.#fetch(`/api/v1/auth/${name}`, init);
    } catch {
      throw new ApiError('UNREACHABLE', 'The server cannot be reached.');
    }
    if (response.status === 204) return undefined;
    const json: unknown = await response.json().catch(() => undefined);
    if (response.ok && json !== undefined) return json;
    const problem = (json ?? {}) as {
      readonly code?: string;
      readonly detail?: string;
      readonly retryAfterMs?: number;
    };
    throw new ApiError(
      problem.code ?? 'UNREACHABLE',
      problem.detail ?? `The server answered ${String(response.status)}.`,
      problem.retryAfterMs,
    );
  }
}
