import { useSyncExternalStore } from 'react';
import type { Client } from '@fleetwire/websocket-core/client';
import { useClient } from '@fleetwire/websocket-core/react';
import { useAuthState } from '../../../auth/auth-context.ts';
import { identityKey } from '../../../auth/identity-key.ts';
import {
  noOperations,
  operationsTransition,
  runningOf,
  type OperationsEffect,
  type OperationsEvent,
  type OperationsState,
} from './operations-state.ts';
import { readOperations, writeOperations } from './remembered-operations.ts';

/** What the page knows of operations for as long as somebody is signed in, whichever page is open. */
export class OperationsStore {
  readonly #key: string;
  readonly #listeners = new Set<() => void>();
  #state: OperationsState;

  /** `who`: whose operations this tab remembers. */
  constructor(who: string) {
    this.#key = `fleetwire.plugin-operations.${who}`;
    const operations = readOperations(() => sessionStorage, this.#key);
    this.#state = operationsTransition(noOperations, { type: 'listed', operations }).state;
  }

  readonly getState = (): OperationsState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Takes an event in; gives back what is to be told. */
  dispatch(event: OperationsEvent): readonly OperationsEffect[] {
    const { state, effects } = operationsTransition(this.#state, event);
    if (state === this.#state) return effects;
    this.#state = state;
    const running = runningOf(state).map(({ listed }) => listed);
    writeOperations(() => sessionStorage, this.#key, running);
    for (const listener of [...this.#listeners]) listener();
    return effects;
  }
}

const stores = new WeakMap<Client, OperationsStore>();

/** The store of the sign-in. */
export function useOperationsStore(): OperationsStore {
  const client = useClient();
  const who = identityKey(useAuthState());
  let store = stores.get(client);
  if (store === undefined) {
    store = new OperationsStore(who);
    stores.set(client, store);
  }
  return store;
}

/** What the page knows of operations. */
export function useOperations(): OperationsState {
  const { subscribe, getState } = useOperationsStore();
  return useSyncExternalStore(subscribe, getState);
}
