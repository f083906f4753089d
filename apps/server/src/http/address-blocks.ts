import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.process>;

/** Whether an address is in one of a set of blocks. */
export type InBlocks = (address: string) => boolean;

/** Whether a text is a block of addresses (RFC 4632): `10.0.0.0/8`, `2001:db8::/32`, or a single address. */
export function isAddressBlock(text: string): boolean {
  return blockOf(text) !== undefined;
}

/** Creates the check of a set of blocks, each of which {@link isAddressBlock} takes. */
export function createBlockCheck(blocks: readonly string[]): InBlocks {
  const parsed = blocks.map(blockOf).filter((block) => block !== undefined);
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && parsed.some((block) => block[0].kind() === address.kind() && address.match(block));
  };
}

/**
 * An address in its plain form: an IPv4 address that came mapped into IPv6 (RFC 4291 section 2.5.5.2) as IPv4, and
 * without a zone. Undefined for what is none.
 */
export function plainFormOf(text: string): string | undefined {
  return parseAddress(text)?.toString();
}

/** The block of an IPv6 address with that prefix, as `2001:db8::/48`; undefined for other addresses. */
export function ipv6BlockOf(text: string, prefixLength: number): string | undefined {
  const address = parseAddress(text);
  if (address?.kind() !== 'ipv6') return undefined;
  const block = `${address.toString()}/${String(prefixLength)}`;
  return `${ipaddr.IPv6.networkAddressFromCIDR(block).toString()}/${String(prefixLength)}`;
}

function parseAddress(text: string): Address | undefined {
  const [bare = ''] = text.split('%', 1);
  // The library takes `10.1` and `0x7f000001` too, which no peer has for an address.
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

function blockOf(text: string): [Address, number] | undefined {
  const [, bare = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(bare);
  if (family === 0) return undefined;
  const address = ipaddr.parse(bare);
  // A mapped address is compared as the IPv4 address that it stands for.
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) return undefined;
  const most = family === 4 ? 32 : 128;
  const prefixLength = bits === undefined ? most : Number(bits);
  return prefixLength <= most ? [address, prefixLength] : undefined;
}
