import { randomBytes } from 'node:crypto';
import type { AccountStore } from './account-store.ts';
import type { PasswordHasher } from './password.ts';

/** Name of the first administrator. */
export const administratorName = 'admin';

/** The administrator that a first start made. */
export interface FirstAdministrator {
  readonly username: string;
  /** The password that was made, to be shown once; undefined when the operator gave one. */
  readonly password: string | undefined;
}

/** Makes the administrator of a store that has no users yet; resolves with undefined when it has. */
export async function createFirstAdministrator(
  store: AccountStore,
  hasher: PasswordHasher,
  given: string | undefined,
): Promise<FirstAdministrator | undefined> {
  if ((await store.userCount()) > 0) return undefined;
  const password = given ?? newPassword();
  const passwordHash = await hasher.hash(password);
  await store.addMember(store.home.id, { username: administratorName, passwordHash, role: 'admin' });
  return { username: administratorName, password: given === undefined ? password : undefined };
}

/** A password of 128 random bits: nothing to guess, and short enough to be typed. */
export function newPassword(): string {
  return randomBytes(16).toString('base64url');
}

/** A URL that opens the sign-in with name and password filled in. They stand in the fragment, which browsers do not send. */
export function signInUrl(url: string, { username, password = '' }: FirstAdministrator): string {
  return `${url}/login#${new URLSearchParams({ username, password }).toString()}`;
}
