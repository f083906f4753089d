import type { LookupAddress } from 'node:dns';
import ipaddr from 'ipaddr.js';
import type { UrlParts } from '../../core/url-rules.ts';
import { PluginError, type PluginPhase } from '../../protocol/error.ts';

/** All addresses of a name, as `dns.promises.lookup(name, {all: true})` gives them. */
export type AddressLookup = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Addresses where a cloud tells a machine its secrets; refused for local sources too. */
const metadataAddresses: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
]);

const ownRanges: ReadonlySet<string> = new Set(['loopback', 'private', 'carrierGradeNat', 'uniqueLocal']);

/**
 * Whether a connection may go to an address: unicast of the Internet; for a local source also loopback and private.
 * IPv6 that carries an IPv4 address (mapped, NAT64, 6to4, Teredo) is never allowed, as it would lead past this check.
 */
export function isAddressAllowed(address: string, isLocal: boolean): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (metadataAddresses.has(parsed.toString())) return false;
  const range = parsed.range();
  if (isLocal && ownRanges.has(range)) return true;
  if (range !== 'unicast') return false;
  // 2000::/3 is all that is assigned (RFC 4291, 2.4); `::127.0.0.1` is among the rest, which counts as unicast too.
  return !(parsed instanceof ipaddr.IPv6) || ((parsed.parts[0] ?? 0) & 0xe000) === 0x2000;
}

/** The canonical form of a host that is an address in any notation (`0x7f.1`, `2130706433`, `[::1]`), as URLs have it. */
function literalOf({ host }: UrlParts, phase: PluginPhase): string | undefined {
  if (host.startsWith('[')) return host.slice(1, -1);
  // The WHATWG URL parser knows all the notations that `inet_aton` takes, and refuses what only looks like one.
  const canonical = URL.parse(`http://${host}/`)?.hostname;
  if (canonical === undefined) {
    throw new PluginError('E_URL_INVALID', `the host ${host} is neither a name nor an address`, {
      phase,
      details: { host },
    });
  }
  return ipaddr.IPv4.isValidFourPartDecimal(canonical) ? canonical : undefined;
}

function blocked(host: string, address: string, phase: PluginPhase): PluginError {
  const message = host === address ? `the address ${address}` : `the address ${address} of ${host}`;
  return new PluginError('E_ADDRESS_BLOCKED', `${message} is not a public one`, { phase, details: { host, address } });
}

/** Refuses a host that is an address which may not be connected to; says whether it is an address at all. */
export function checkLiteral(parts: UrlParts, isLocal: boolean, phase: PluginPhase): LookupAddress | undefined {
  const address = literalOf(parts, phase);
  if (address === undefined) return undefined;
  if (!isAddressAllowed(address, isLocal)) throw blocked(parts.host, address, phase);
  return { address, family: address.includes(':') ? 6 : 4 };
}

/**
 * The addresses that a connection to the host may go to. One that is not allowed refuses all: a name with a public and
 * a private address is an attempt.
 *
 * @throws PluginError `E_ADDRESS_BLOCKED`; and what `lookup` throws.
 */
export async function checkedAddresses(
  parts: UrlParts,
  isLocal: boolean,
  lookup: AddressLookup,
  phase: PluginPhase,
): Promise<readonly LookupAddress[]> {
  const literal = checkLiteral(parts, isLocal, phase);
  if (literal !== undefined) return [literal];
  const addresses = await lookup(parts.host);
  for (const { address } of addresses) {
    if (!isAddressAllowed(address, isLocal)) throw blocked(parts.host, address, phase);
  }
  if (addresses.length > 0) return addresses;
  throw new PluginError('E_NETWORK', `the host ${parts.host} has no address`, { phase, details: { host: parts.host } });
}
