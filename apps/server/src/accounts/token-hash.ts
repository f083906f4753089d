import { createHash } from 'node:crypto';

/** What is kept of a random token: it cannot be guessed, so a plain SHA-256 hides it as well as a slow hash would. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
