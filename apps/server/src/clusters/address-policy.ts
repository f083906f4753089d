import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network: its first address and the length of its prefix. */
type Block = readonly [Address, number];

/** What `ownClusterNetworks` may name beside CIDR blocks. */
export const networkKinds = ['public', 'private', 'loopback'] as const;

/** Whether a server at this address may be dialled; anything that is no address may not. */
export type AddressPolicy = (address: string) => boolean;

/** Services of clouds for their machines, credentials among them, that are not at link-local addresses. */
const cloudServices = [
  '100.100.100.200/32', // Alibaba Cloud
  '168.63.129.16/32', // Azure
  'fd00:42::42/128', // Scaleway
  'fd00:100::100:200/128', // Alibaba Cloud
  'fd00:a9fe:a9fe::1/128', // Akamai
  'fd00:c1::a9fe:a9fe/128', // Oracle Cloud
  'fd00:ec2::/32', // AWS
  'fd20:ce::254/128', // Google Cloud
].map(toBlock);

/**
 * What a block opens only if it lies within one of these, so that a wide one, `::/0` say, does not open them by the way:
 * the machine itself, addresses that stand for other addresses, and those at which clouds hand out credentials.
 */
const guarded = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::/96', // unspecified, loopback, IPv4-compatible (RFC 4291)
  'fe80::/10',
  '::ffff:0:0/96', // IPv4-mapped (RFC 4291)
  '::ffff:0:0:0/96', // IPv4-translated (RFC 7915)
  '64:ff9b::/96', // NAT64 (RFC 6052)
  '64:ff9b:1::/48', // NAT64 of a network's own (RFC 8215)
  '2001::/32', // Teredo (RFC 4380)
  '2002::/16', // 6to4 (RFC 3056)
].map(toBlock);

/** Where all unicast addresses of the Internet are that have been assigned (RFC 4291 section 2.4). */
const globalUnicast = toBlock('2000::/3');

/** Ranges that {@link networkKinds} stand for, by the names of `ipaddr.js`. */
const kindOfRange: Readonly<Record<string, (typeof networkKinds)[number]>> = {
  unicast: 'public',
  private: 'private',
  uniqueLocal: 'private',
  loopback: 'loopback',
};

/**
 * Makes the policy of a list of {@link networkKinds} and CIDR blocks. `public` is what the IANA registries of
 * special-purpose addresses leave over; `private` is RFC 1918 and RFC 4193 without the services of clouds; everything
 * else needs a block.
 */
export function createAddressPolicy(entries: readonly string[]): AddressPolicy {
  const isKind = (entry: string) => networkKinds.some((kind) => kind === entry);
  const kinds = new Set(entries.filter(isKind));
  const blocks = entries.filter((entry) => !isKind(entry)).map(toBlock);
  return (text) => {
    const address = toAddress(text);
    if (address === undefined) return false;
    const kind = kindOf(address);
    if (kind !== undefined && kinds.has(kind)) return true;
    const guards = [...guarded, ...cloudServices].filter((guard) => contains(guard, address));
    return blocks.some((block) => contains(block, address) && guards.every((guard) => isWithin(block, guard)));
  };
}

/** Whether the text is a network such as `10.0.0.0/8` or `2001:db8::/32`. */
export function isCidrBlock(text: string): boolean {
  return ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || (/^[^%]*:[^%]*$/.test(text) && ipaddr.IPv6.isValidCIDR(text));
}

function kindOf(address: Address): (typeof networkKinds)[number] | undefined {
  if (cloudServices.some((block) => contains(block, address))) return undefined;
  const kind = kindOfRange[address.range()];
  return kind === 'public' && address.kind() === 'ipv6' && !contains(globalUnicast, address) ? undefined : kind;
}

/** Not the other spellings of IPv4 that `inet_aton` takes: no resolver gives them. */
function toAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(':') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

function toBlock(text: string): Block {
  return ipaddr.parseCIDR(text);
}

function contains([first, prefix]: Block, address: Address): boolean {
  return address.kind() === first.kind() && address.match(first, prefix);
}

function isWithin([first, prefix]: Block, outer: Block): boolean {
  return prefix >= outer[1] && contains(outer, first);
}
