import type { ClusterOwner } from '@fleetwire/kube-watch/server';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors } from 'jose';
import type { SecretKey } from './secret-key.ts';

/** What a sealed text is bound to: it opens at its place alone. */
export interface SealedPlace extends ClusterOwner {
  /** Id of the row. */
  readonly id: string;
}

/** Why a text does not open. */
export type OpenFailure = 'other-key' | 'damaged';

/** Seals what must not be read in the database. */
export interface Sealing {
  /** As JWE in compact form (RFC 7516), by the key itself (`dir`), with `A256GCM`. */
  seal(place: SealedPlace, value: unknown): Promise<string>;
  open(place: SealedPlace, sealed: string): Promise<{ readonly value: unknown } | { readonly failure: OpenFailure }>;
}

/** Creates it. The place is in the header, which is authenticated: a row moved to another owner does not open. */
export function createSealing({ bytes, id: kid }: SecretKey): Sealing {
  const encode = new TextEncoder();
  const decode = new TextDecoder('utf-8', { fatal: true });
  return {
    seal: (place, value) =>
      new CompactEncrypt(encode.encode(JSON.stringify(value)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid, place: textOf(place) })
        .encrypt(bytes),
    async open(place, sealed) {
      try {
        // Read before it is authenticated: it says which reason is told, and nothing else.
        if (decodeProtectedHeader(sealed).kid !== kid) return { failure: 'other-key' };
        const { plaintext, protectedHeader } = await compactDecrypt(sealed, bytes, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          maxDecompressedLength: 0,
        });
        if (protectedHeader['place'] !== textOf(place)) return { failure: 'damaged' };
        return { value: JSON.parse(decode.decode(plaintext)) as unknown };
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError)
          return { failure: 'damaged' };
        throw error;
      }
    },
  };
}

/** Ids of any characters, so that two places are never one text. */
function textOf({ orgId, userId, id }: SealedPlace): string {
  return JSON.stringify([orgId, userId, id]);
}
