import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalParams } from '../protocol/canonical-params.ts';
import { addressBlockOf } from './address-block.ts';
import { compileChannelPattern } from './channel-pattern.ts';
import { credentialsOf, pathOf, protocolsOf, redactUrl } from './credentials.ts';
import { parseBrokerPosition } from './broker-position.ts';
import { brokerFeedName, orgScopeKey } from './broker-channel.ts';
import { TokenBucket } from '../core/token-bucket.ts';
import { frameText } from './ws-frame.ts';

describe('channel patterns', () => {
  it('match segment by segment and give the named ones', () => {
    const pattern = compileChannelPattern('vm-metrics/{vm}/{unit}');
    expect({ ...pattern.match('vm-metrics/db-1/cpu') }).toEqual({ vm: 'db-1', unit: 'cpu' });
    for (const channel of ['vm-metrics/db-1', 'vm-metrics//cpu', 'vm-metrics/a/b/c', 'vms/a/b', ''])
      expect(pattern.match(channel)).toBeUndefined();
  });

  it('give a name like __proto__ no power', () => {
    expect(Object.getPrototypeOf(compileChannelPattern('{__proto__}').match('x'))).toBeNull();
  });

  it.each(['a//b', '/a', 'a/{}', '{a}/{a}', ''])('that make no sense are refused: %j', (text) => {
    expect(() => compileChannelPattern(text)).toThrow(TypeError);
  });
});

describe('credentials', () => {
  const entry = `fleetwire.bearer.${Buffer.from('tökn.2').toString('base64url')}`;

  it.each([
    [
      'the Authorization header',
      {
        url: '/ws?token=q',
        headers: { authorization: 'bearer h.1', cookie: 'sid=c', 'sec-websocket-protocol': entry },
      },
      'h.1',
      'header',
    ],
    [
      'the sub-protocol entry',
      { url: '/ws?token=q', headers: { cookie: 'sid=c', 'sec-websocket-protocol': `fleetwire.v1, ${entry}` } },
      'tökn.2',
      'subprotocol',
    ],
    ['the cookie', { url: '/ws?token=q', headers: { cookie: 'other=1; sid=c=c' } }, 'c=c', 'cookie'],
    ['the query', { url: '/ws?a=1&token=q%2B', headers: {} }, 'q+', 'query'],
    ['nothing', { url: '/ws', headers: { authorization: 'Basic abc', cookie: 'sid=' } }, undefined, 'none'],
  ])('[O4] come from %s', (_what, request, token, source) => {
    expect(credentialsOf(request, { cookieName: 'sid' })).toEqual({ token, source });
  });

  it('[O4] come from no cookie unless one is named', () => {
    expect(credentialsOf({ url: '/', headers: { cookie: 'sid=c' } })).toEqual({ token: undefined, source: 'none' });
  });

  it('[O4] are hidden in URLs for logs', () => {
    expect(redactUrl('/ws?token=secret&x=1')).toBe('/ws?token=[redacted]&x=1');
    expect(redactUrl('/ws?x=1&TOKEN=secret#t')).toBe('/ws?x=1&TOKEN=[redacted]#t');
    expect(redactUrl('/ws?mytoken=shown')).toBe('/ws?mytoken=shown');
    for (const name of ['%74oken', 'tok%65n', '%54%4f%4b%45%4e'])
      expect(redactUrl(`/ws?a=1&${name}=sec=ret&b=2`)).toBe(`/ws?a=1&${name}=[redacted]&b=2`);
    expect(redactUrl('https://h/ws?a=?token=secret')).toBe('https://h/ws?a=?token=[redacted]');
    expect(redactUrl('/ws?token=se?cr&x=%&%zz=1')).toBe('/ws?token=[redacted]&x=%&%zz=1');
    expect(redactUrl('/ws#token=secret')).toBe('/ws#token=[redacted]');
    expect(['/ws?a=/b', 'http://h:1/ws?x', 'WS://h', 'http://h?x', '*', '//h/ws'].map(pathOf)).toEqual([
      '/ws',
      '/ws',
      '/',
      '/',
      '*',
      '//h/ws',
    ]);
    expect(protocolsOf({ headers: { 'sec-websocket-protocol': ' a ,b,, ' } })).toEqual(['a', 'b']);
  });
});

describe('address blocks', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
    ['not an address', 'not an address'],
  ])('[O8] %j counts as %j', (address, block) => {
    expect(addressBlockOf(address)).toBe(block);
  });
});

describe('broker names and positions', () => {
  it('[S8] no organisation id reaches into the feeds of another', () => {
    const names = ['a', 'a/b', 'a%2Fb', '', '..', 'a?{}'].flatMap((org) =>
      ['c', 'b/c'].map((channel) => brokerFeedName(orgScopeKey(org), channel, undefined)),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(brokerFeedName('org/a', 'c', { b: 1, a: 2 })).toBe(brokerFeedName('org/a', 'c', { a: 2, b: 1 }));
    expect(brokerFeedName('org/a', 'c', {})).toBe(brokerFeedName('org/a', 'c', undefined));
  });

  it('[S8] no scope, channel or parameters can be written so that they read as others', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '/', '?', '"', ',', '[', '{', '}', '\\', 'é') });
    const feed = fc.tuple(part, part, fc.dictionary(part, part));
    fc.assert(
      fc.property(feed, feed, (one, two) => {
        const same =
          JSON.stringify([one[0], one[1], canonicalParams(one[2])]) ===
          JSON.stringify([two[0], two[1], canonicalParams(two[2])]);
        expect(brokerFeedName(...one) === brokerFeedName(...two)).toBe(same);
      }),
    );
    expect(brokerFeedName('org/a', 'logs/p?{"level":"audit"}', undefined)).not.toBe(
      brokerFeedName('org/a', 'logs/p', { level: 'audit' }),
    );
    expect(brokerFeedName('org/a', 'user/1/x', undefined)).not.toBe(brokerFeedName('org/a/user/1', 'x', undefined));
  });

  it.each(['', 'a', ':1', 'a:', 'a:-1', 'a:1.5', 'a:x'])('[F6] %j is no position', (position) => {
    expect(() => parseBrokerPosition(position)).toThrow(expect.objectContaining({ code: 'BAD_POSITION' }) as Error);
  });
});

describe('TokenBucket', () => {
  it('[B5] gives its burst, then its rate, and takes nothing away when the clock goes back', () => {
    const bucket = new TokenBucket(10, 3, 1_000);
    expect([bucket.take(1_000), bucket.take(1_000), bucket.take(1_000), bucket.take(1_000)]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(bucket.waitMs(1_000)).toBe(100);
    expect(bucket.take(1_100)).toBe(true);
    expect(bucket.take(500)).toBe(false);
    expect(bucket.isFull(1_000)).toBe(true);
  });
});

describe('frameText', () => {
  it.each([0, 125, 126, 65_535, 65_536, 200_000])('frames %i bytes as RFC 6455 says', (length) => {
    const frame = frameText('é'.repeat(Math.floor(length / 2)) + 'x'.repeat(length % 2));
    expect(frame[0]).toBe(0x81);
    const short = (frame[1] as number) & 0x7f;
    const [told, header] =
      short < 126 ? [short, 2] : short === 126 ? [frame.readUInt16BE(2), 4] : [Number(frame.readBigUInt64BE(2)), 10];
    expect([told, frame.length]).toEqual([length, header + length]);
  });
});
