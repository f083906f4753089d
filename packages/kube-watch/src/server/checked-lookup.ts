import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { FleetwireError } from '@fleetwire/websocket-core';
import type { OwnClusterErrorCode } from './own-cluster-errors.ts';

/** The refusal and the missing name are one: else a user could ask for the names that the server's network has. */
const message = 'the host name of its server leads nowhere, or to no network that is allowed for clusters of users';

const unknownNames: readonly unknown[] = ['ENOTFOUND', 'ENODATA', 'ENOENT'];

/**
 * A `lookup` for `node:net` that gives the addresses that are allowed, and no other. A connection goes to what it gives,
 * so that a name which changes its answer gains nothing. Fails with ADDRESS_NOT_ALLOWED when no address is left.
 */
export function createCheckedLookup(isAllowed: (address: string) => boolean, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    // All of them, whatever is asked for: the first may be refused and the second allowed.
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = error === null && Array.isArray(found) ? found.filter(isFit) : [];
      const [first] = addresses;
      if (first === undefined) callback(failureOf(error), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

  function isFit({ address }: LookupAddress): boolean {
    try {
      return isAllowed(plainAddress(address));
    } catch {
      // Nobody would catch it here, and what cannot be judged is not allowed.
      return false;
    }
  }
}

function failureOf(error: NodeJS.ErrnoException | null): Error {
  if (error !== null && !unknownNames.includes(error.code)) return error;
  return new FleetwireError('ADDRESS_NOT_ALLOWED' satisfies OwnClusterErrorCode, message, {
    cause: error ?? undefined,
  });
}

/** The IPv4 address of an IPv4-mapped one (RFC 4291 section 2.5.5.2), which is where it leads; others as they are. */
export function plainAddress(address: string): string {
  const mapped = URL.parse(`http://[${address}]`)?.hostname ?? '';
  const [, high = '', low = ''] = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(mapped) ?? [];
  if (high === '') return address;
  const bits = (Number.parseInt(high, 16) * 0x10000 + Number.parseInt(low, 16)) >>> 0;
  return [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join('.');
}
