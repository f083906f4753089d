import { createHash } from 'node:crypto';
import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAddressPolicy, isCidrBlock, networkKinds } from './address-policy.ts';

/** Of the IANA registries of special-purpose addresses, with those at which clouds serve their machines. */
const notPublic = [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24',
  '192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24',
  '224.0.0.0/4 240.0.0.0/4 168.63.129.16/32',
  '::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20',
].flatMap((line) => line.split(' '));
const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
/** Where clouds serve their machines, credentials among the rest. */
const metadata = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.42.42',
  'fe80::a9fe:a9fe',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:c1::a9fe:a9fe',
  'fd00:42::42',
  'fd00:a9fe:a9fe::1',
  'fd00:100::100:200',
  '100.100.100.200',
  '168.63.129.16',
];

const familyOf = (text: string): 'ipv4' | 'ipv6' => (text.includes(':') ? 'ipv6' : 'ipv4');
function listOf(blocks: readonly string[]): (address: string) => boolean {
  // Each family has a list: one of both takes IPv6 for the IPv4 that it may stand for.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const block of blocks) {
    const [first = '', prefix] = block.split('/');
    lists[familyOf(first)].addSubnet(first, Number(prefix), familyOf(first));
  }
  return (address) => lists[familyOf(address)].check(address, familyOf(address));
}

/** Bytes that look random, and are the same in each run. */
function bytesOf(seed: string): readonly number[] {
  return [...createHash('sha256').update(seed).digest()];
}

function toText(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const parts = Array.from({ length: 8 }, (_, index) => (bytes[2 * index] ?? 0) * 256 + (bytes[2 * index + 1] ?? 0));
  return parts.map((part) => part.toString(16)).join(':');
}

/** The first bytes of a block's address. */
function prefixOf(block: string): readonly number[] {
  const [first = '', prefix = ''] = block.split('/');
  const bytes = familyOf(first) === 'ipv4' ? first.split('.').map(Number) : ipv6Bytes(first);
  return bytes.slice(0, Math.floor(Number(prefix) / 8));
}

function ipv6Bytes(text: string): number[] {
  const [head = '', tail = ''] = text.split('::').map((part) =>
    part
      .split(':')
      .filter((each) => each !== '')
      .join(':'),
  );
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((each) => Number.parseInt(each, 16)));
  const [left, right] = [groups(head), groups(tail)];
  const all = text.includes('::')
    ? [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
    : left;
  return all.flatMap((group) => [group >> 8, group & 255]);
}

/** Addresses of all kinds: at random, and at random within each block of interest. */
const samples = [4, 16].flatMap((length) => {
  const starts = [...notPublic, ...privateBlocks, '0.0.0.0/0', '::/0', '2000::/3', '::ffff:0:0/96', '64:ff9b::/96']
    .filter((block) => (familyOf(block) === 'ipv4') === (length === 4))
    .map(prefixOf);
  return starts.flatMap((start, index) =>
    Array.from({ length: 60 }, (_, round) => {
      const rest = bytesOf(`${String(length)} ${String(index)} ${String(round)}`);
      return toText([...start, ...rest].slice(0, length));
    }),
  );
});

describe('the networks that clusters of users may be in', () => {
  it('are public where no registry of special-purpose addresses has them', () => {
    const isAllowed = createAddressPolicy(['public']);
    const isSpecial = listOf(notPublic);
    for (const address of [...samples, ...metadata, '8.8.8.8', '2606:4700::1111'])
      expect([address, isAllowed(address)]).toEqual([address, !isSpecial(address)]);
    expect(samples.filter(isAllowed).length).toBeGreaterThan(50);
  });

  it('are private by RFC 1918 and RFC 4193, without what clouds serve there', () => {
    const isAllowed = createAddressPolicy(['private']);
    const isInside = listOf(privateBlocks);
    for (const address of samples) expect([address, isAllowed(address)]).toEqual([address, isInside(address)]);
    for (const address of metadata) expect([address, isAllowed(address)]).toEqual([address, false]);
  });

  it('are loopback by 127.0.0.0/8 and ::1, not by the unspecified address', () => {
    const isAllowed = createAddressPolicy(['loopback']);
    const isInside = listOf(['127.0.0.0/8', '::1/128']);
    for (const address of samples) expect([address, isAllowed(address)]).toEqual([address, isInside(address)]);
    expect(['127.0.0.1', '127.8.9.1', '::1'].every(isAllowed)).toBe(true);
    expect(['0.0.0.0', '::', '::ffff:127.0.0.1', 'localhost'].some(isAllowed)).toBe(false);
  });

  it.each(networkKinds)('that are %s, or every network there is, open no service of a cloud', (kind) => {
    const isAllowed = createAddressPolicy([kind, '0.0.0.0/0', '::/0']);
    expect(metadata.filter(isAllowed)).toEqual([]);
  });

  it('are what a block holds, but what is special only where the block is part of it', () => {
    const isAllowed = createAddressPolicy(['0.0.0.0/0', '::/0']);
    const special = [
      '127.0.0.1',
      '::1',
      '0.0.0.0',
      '::',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:a00:1::',
      '2001::1',
    ];
    expect(special.filter(isAllowed)).toEqual([]);
    expect(['10.0.0.1', '8.8.8.8', '100.64.0.1', 'fd12::1', '2001:db8::1'].every(isAllowed)).toBe(true);
    for (const [block, inside, outside] of [
      ['169.254.0.0/16', '169.254.169.254', '10.0.0.1'],
      ['169.254.7.0/24', '169.254.7.1', '169.254.169.254'],
      ['fd00:ec2::/64', 'fd00:ec2::254', 'fd00::1'],
      ['100.100.100.200/32', '100.100.100.200', '100.100.100.201'],
      ['127.0.0.2/32', '127.0.0.2', '127.0.0.1'],
      ['::1/128', '::1', '::'],
      ['64:ff9b::/96', '64:ff9b::808:808', '8.8.8.8'],
    ] as const) {
      const isIn = createAddressPolicy([block]);
      expect([block, isIn(inside), isIn(outside)]).toEqual([block, true, false]);
    }
    expect(createAddressPolicy(['100.64.0.0/10'])('100.100.100.200')).toBe(false);
    expect(createAddressPolicy(['fd00::/8'])('fd00:ec2::254')).toBe(false);
  });

  it('are none without entries, and hold nothing that is no address', () => {
    expect(samples.some(createAddressPolicy([]))).toBe(false);
    const isAllowed = createAddressPolicy([...networkKinds, '0.0.0.0/0', '::/0']);
    for (const text of [
      '',
      '1',
      '0x08080808',
      '8.8.2056',
      '010.8.8.8',
      '8.8.8.8 ',
      '[2606:4700::1]',
      'example.com',
      '8.8.8.8/32',
    ])
      expect([text, isAllowed(text)]).toEqual([text, false]);
  });
});

it('a block is four decimals or IPv6, with the length of its prefix, and no zone', () => {
  for (const text of ['10.0.0.0/8', '0.0.0.0/0', '10.1.2.3/32', '::/0', 'fd00::/8'])
    expect(isCidrBlock(text)).toBe(true);
  for (const text of ['10.0.0.0', '10/8', '0x0a.0.0.0/8', '10.0.0.0/33', '::/129', 'fe80::%1/64', 'public', ''])
    expect([text, isCidrBlock(text)]).toEqual([text, false]);
});
