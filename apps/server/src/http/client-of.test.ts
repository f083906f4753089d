import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createBlockCheck, ipv6BlockOf, isAddressBlock } from './address-blocks.ts';
import { createClientOf } from './client-of.ts';

function clientOf(
  trusted: readonly string[],
  peer: string | undefined,
  headers: Record<string, string>,
  encrypted?: boolean,
) {
  const socket = { remoteAddress: peer, ...(encrypted === undefined ? {} : { encrypted }) };
  return createClientOf(trusted)({ socket, headers } as unknown as IncomingMessage);
}

const proxies = ['10.0.0.0/8', '2001:db8:ffff::/48'];
const forwarded = (value: string, peer = '10.0.0.1') => clientOf(proxies, peer, { 'x-forwarded-for': value }).address;

describe('the address of a client', () => {
  it('is that of a peer whom nobody trusts, whatever it says', () => {
    expect(forwarded('203.0.113.1', '192.0.2.1')).toBe('192.0.2.1');
    expect(clientOf([], '10.0.0.1', { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-proto': 'https' })).toEqual({
      address: '10.0.0.1',
      scheme: 'http',
    });
  });

  it.each([
    ['203.0.113.1', '203.0.113.1'],
    // What stands before the client, the client has written itself.
    ['198.51.100.1, 203.0.113.1', '203.0.113.1'],
    ['10.0.0.9, 203.0.113.1', '203.0.113.1'],
    // Several proxies, of both families.
    ['203.0.113.1, 10.0.0.2', '203.0.113.1'],
    ['198.51.100.1,203.0.113.1,10.0.0.3,2001:db8:ffff::2', '203.0.113.1'],
    // A client within the trusted blocks.
    ['10.0.0.4, 10.0.0.3', '10.0.0.4'],
  ])('of X-Forwarded-For: %s is %s', (value, address) => {
    expect(forwarded(value)).toBe(address);
    expect(forwarded(value, '::ffff:10.0.0.1')).toBe(address);
    expect(forwarded(value, '2001:db8:ffff::1')).toBe(address);
  });

  it.each([
    ['203.0.113.1:4711', '203.0.113.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:203.0.113.1', '203.0.113.1'],
    ['::ffff:cb00:7101', '203.0.113.1'],
  ])('is read from %s', (value, address) => {
    expect(forwarded(value)).toBe(address);
  });

  it.each(['', 'unknown', '_hidden', '203.0.113', '0x7f.1', '[203.0.113.1]:1', '203.0.113.1:x', '[::1', '256.1.1.1'])(
    'is the proxy that let %j through, never what stands before that',
    (entry) => {
      expect(forwarded(entry)).toBe('10.0.0.1');
      expect(forwarded(`203.0.113.1, ${entry}, 10.0.0.2`)).toBe('10.0.0.2');
    },
  );

  it('is empty when the socket is closed already', () => {
    expect(clientOf(proxies, undefined, { 'x-forwarded-for': '203.0.113.1' }).address).toBe('');
  });
});

describe('the scheme of a client', () => {
  const scheme = (proto: string, addresses = '203.0.113.1', encrypted?: boolean) =>
    clientOf(proxies, '10.0.0.1', { 'x-forwarded-for': addresses, 'x-forwarded-proto': proto }, encrypted).scheme;

  it('is that of the socket, unless a trusted proxy tells another', () => {
    expect(clientOf(proxies, '192.0.2.1', { 'x-forwarded-proto': 'https' }).scheme).toBe('http');
    expect(clientOf(proxies, '192.0.2.1', { 'x-forwarded-proto': 'http' }, true).scheme).toBe('https');
    expect(scheme('https')).toBe('https');
    expect(scheme('HTTP', undefined, true)).toBe('http');
    expect([scheme('wss'), scheme('ws')]).toEqual(['https', 'http']);
    for (const odd of ['', 'ftp', 'https;', 'on']) expect([odd, scheme(odd)]).toEqual([odd, 'http']);
  });

  it('is what the outermost trusted proxy says, whether proxies append or replace', () => {
    // The client wrote the first one.
    expect(scheme('https, http')).toBe('http');
    expect(scheme('https, http', '203.0.113.1, 10.0.0.2')).toBe('https');
    expect(scheme('https', '203.0.113.1, 10.0.0.2')).toBe('https');
  });
});

describe('blocks of addresses', () => {
  it('are CIDR, or single addresses, and nothing else', () => {
    for (const good of ['10.0.0.0/8', '10.1.2.3', '::1', '2001:db8::/32', '0.0.0.0/0', '10.0.0.1/32'])
      expect([good, isAddressBlock(good)]).toEqual([good, true]);
    for (const bad of ['', '10', '10.0.0.0/33', '::/129', '10.0.0.0/', 'localhost', '10.0.0.0/8/8', '::ffff:10.0.0.1'])
      expect([bad, isAddressBlock(bad)]).toEqual([bad, false]);
  });

  it('hold the addresses of their own family', () => {
    const isInside = createBlockCheck(['10.0.0.0/8', '2001:db8::/32']);
    for (const [address, inside] of [
      ['10.255.0.1', true],
      ['::ffff:10.1.1.1', true],
      ['11.0.0.1', false],
      ['2001:db8:1::1', true],
      ['2001:db9::1', false],
      ['x', false],
    ])
      expect([address, isInside(String(address))]).toEqual([address, inside]);
  });

  it('of IPv6 have a name', () => {
    expect(ipv6BlockOf('2001:db8:1:2:3::4%eth0', 48)).toBe('2001:db8:1::/48');
    expect(ipv6BlockOf('::ffff:10.0.0.1', 48)).toBeUndefined();
    expect(ipv6BlockOf('10.0.0.1', 48)).toBeUndefined();
  });
});
