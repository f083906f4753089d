import { BlockList, isIP } from 'node:net';
import type { UrlParts } from '../../core/url-rules.ts';

/**
 * The URL of an HTTP proxy as variables such as `HTTPS_PROXY` hold it: one with a port may leave `http://` away. Undefined
 * for what is none.
 */
export function readProxyUrl(text: string): string | undefined {
  const url = URL.parse(/^[^/\s]+:\d+$/.test(text) ? `http://${text}` : text);
  if (url?.protocol !== 'http:' || !/^\w+:\/\/\S+$|^[^/\s]+$/.test(text)) return undefined;
  return url.pathname === '/' && url.search === '' && url.hash === '' ? url.href : undefined;
}

/**
 * Whether `NO_PROXY` names the host of a URL. Its entries stand between commas or spaces: `*`, a name, which means those
 * below it too (with `.` or `*.` before it or not), an address, each with a port if need be; or a CIDR block.
 */
export function isExempt(noProxy: string, { host, port, scheme }: Pick<UrlParts, 'host' | 'port' | 'scheme'>): boolean {
  const name = host.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const usedPort = String(port ?? (scheme === 'https' ? 443 : 80));
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const { exempt, exemptPort = usedPort } = readEntry(entry);
      if (exempt === '' || exemptPort !== usedPort) return false;
      if (isIP(name) !== 0) return exempt === '*' || isInBlock(name, exempt);
      const parent = exempt.replace(/^\*?\./, '').replace(/\.$/, '');
      return exempt === '*' || name === parent || name.endsWith(`.${parent}`);
    });
}

function readEntry(entry: string): { readonly exempt: string; readonly exemptPort?: string | undefined } {
  const [, inBrackets, itsPort] = /^\[(.*)\](?::(\d+))?$/.exec(entry) ?? [];
  if (inBrackets !== undefined) return { exempt: inBrackets, exemptPort: itsPort };
  // The colons of an address lead to no port.
  const [, name = entry, port] = /^([^:]*):(\d+)$/.exec(entry) ?? [];
  return { exempt: name, exemptPort: port };
}

/** Of an address alone, the block of that address. */
function isInBlock(address: string, block: string): boolean {
  const [network = '', bits] = block.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const most = family === 'ipv6' ? 128 : 32;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
  if (isIP(network) === 0 || isIP(network) !== isIP(address) || prefix > most) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list.check(address, family);
}
