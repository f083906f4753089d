import { isIPv6 } from 'node:net';

/**
 * What one address counts as for rate limits: itself, but for IPv6 its /64, the smallest block that one customer gets
 * (RFC 6177), and for an IPv4 address mapped into IPv6 (RFC 4291 section 2.5.5.2) the IPv4 address.
 */
export function addressBlockOf(address: string): string {
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = bare.split('::');
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  const first = [...front, ...zeros, ...back].slice(0, 4);
  return `${first.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Groups of 16 bits; a dotted end stands for two, and never reaches the first four. */
function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}
