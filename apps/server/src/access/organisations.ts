import type { AccountStore } from '../accounts/account-store.ts';

/** Name of the organisation that has what is the server's own, and what the configuration does not give to others. */
export const firstOrganisation = 'default';

/** Names and ids of the organisations of the moment. */
export interface Organisations {
  /** Id of the organisation of that name; undefined when there is none. */
  idOf(name: string): string | undefined;
  nameOf(id: string): string | undefined;
  /** Whether somebody is of the first organisation. */
  isFirst(identity: { readonly orgId: string }): boolean;
  /** Reads them again, after one was added. */
  reload(): Promise<void>;
  /** Called after each change; returns its undo. */
  onChange(listener: () => void): () => void;
}

/** Reads the organisations of a store: this server alone changes them while it runs. */
export async function openOrganisations(store: Pick<AccountStore, 'organisations'>): Promise<Organisations> {
  let organisations = await store.organisations();
  const listeners = new Set<() => void>();
  return {
    idOf: (name) => organisations.find((each) => each.name === name)?.id,
    nameOf: (id) => organisations.find((each) => each.id === id)?.name,
    isFirst: ({ orgId }) => organisations.some(({ id, name }) => id === orgId && name === firstOrganisation),
    async reload() {
      organisations = await store.organisations();
      for (const listener of [...listeners]) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
