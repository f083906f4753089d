import { describe, expect, it } from 'vitest';
import { parseUrl } from '../../core/url-rules.ts';
import { checkedAddresses, isAddressAllowed } from './addresses.ts';

const policy = { hosts: ['*'], redirectHosts: [], isLocal: false };
const partsOf = (host: string) => parseUrl(`https://${host}/`, policy, 'download');
const never = () => Promise.reject(new Error('looked up'));

describe('isAddressAllowed', () => {
  it.each(['93.184.215.14', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001:80b::200e'])('allows %s', (address) => {
    expect(isAddressAllowed(address, false)).toBe(true);
    expect(isAddressAllowed(address, true)).toBe(true);
  });

  it.each(['127.0.0.1', '127.255.0.9', '10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1', '::1', 'fd00::1'])(
    'allows %s to a local source alone',
    (address) => {
      expect(isAddressAllowed(address, false)).toBe(false);
      expect(isAddressAllowed(address, true)).toBe(true);
    },
  );

  it.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['unspecified', '::'],
    ['link-local', '169.254.1.1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['metadata', '169.254.169.254'],
    ['metadata', '100.100.100.200'],
    ['metadata', '168.63.129.16'],
    ['metadata', 'fd00:ec2::254'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '2001:db8::1'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped, public', '::ffff:1.1.1.1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64, local', '64:ff9b:1::7f00:1'],
    ['6to4', '2002:7f00:1::1'],
    ['Teredo', '2001:0:7f00:1::1'],
    ['SIIT', '::ffff:0:127.0.0.1'],
    ['unassigned', '4000::1'],
    ['no address', 'example.org'],
    ['no address', ''],
  ])('refuses %s to everybody: %s', (_range, address) => {
    expect(isAddressAllowed(address, false)).toBe(false);
    expect(isAddressAllowed(address, true)).toBe(false);
  });
});

describe('checkedAddresses', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
    '0',
    '10.1',
    '3232235777',
    '169.254.169.254',
    '0xa9fea9fe',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::127.0.0.1]',
    '[fe80::1]',
    '[::]',
    '[::::]',
  ])('refuses the literal address %s without looking it up', async (host) => {
    await expect(checkedAddresses(partsOf(host), false, never, 'download')).rejects.toMatchObject({
      code: 'E_ADDRESS_BLOCKED',
      phase: 'download',
    });
  });

  it.each(['256.1.1.1', '1.2.3.4.5', '0x100000000', '127.0.0.0x1g'])('refuses %s, which is nothing', async (host) => {
    const lookup = () => Promise.resolve([]);
    await expect(checkedAddresses(partsOf(host), false, lookup, 'download')).rejects.toMatchObject({
      code: expect.stringMatching(/E_URL_INVALID|E_NETWORK/) as string,
    });
  });

  it('gives the address that a literal means', async () => {
    const parts = partsOf('0x7f.1');
    expect(await checkedAddresses(parts, true, never, 'download')).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });

  it('refuses a name with a public and a private address', async () => {
    const lookup = () =>
      Promise.resolve([
        { address: '1.1.1.1', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    await expect(checkedAddresses(partsOf('example.org'), false, lookup, 'resolve')).rejects.toMatchObject({
      code: 'E_ADDRESS_BLOCKED',
      details: { host: 'example.org', address: '10.0.0.1' },
    });
  });

  it('refuses a name without addresses', async () => {
    const lookup = () => Promise.resolve([]);
    await expect(checkedAddresses(partsOf('example.org'), false, lookup, 'resolve')).rejects.toMatchObject({
      code: 'E_NETWORK',
    });
  });
});
