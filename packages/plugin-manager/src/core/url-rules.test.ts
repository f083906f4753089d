import { describe, expect, it } from 'vitest';
import { checkHost, parseUrl, resolveLocation, urlText, withoutQuery, type FetchPolicy } from './url-rules.ts';

const policy: FetchPolicy = { hosts: ['example.org'], redirectHosts: ['cdn.example.net'], isLocal: false };
const local: FetchPolicy = { ...policy, isLocal: true };

const parse = (url: string, by = policy) => parseUrl(url, by, 'download');

function codeOf(action: () => unknown): unknown {
  try {
    action();
    return 'none';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('parseUrl', () => {
  it('takes a URL apart and puts it together as it was', () => {
    const url = 'https://example.org:8443/a/b..c/%20.tgz?x=1&y=..%2f';
    expect(parse(url)).toEqual({
      scheme: 'https',
      host: 'example.org',
      port: 8443,
      path: '/a/b..c/%20.tgz',
      query: '?x=1&y=..%2f',
    });
    expect(urlText(parse(url))).toBe(url);
    expect(urlText(parse('HTTPS://Example.ORG'))).toBe('https://example.org/');
    expect(parse('https://[::1]:8/x')).toMatchObject({ host: '[::1]', port: 8 });
  });

  it.each([
    '',
    'example.org/a',
    '//example.org/a',
    'http://example.org/a',
    'ftp://example.org/a',
    'file:///etc/passwd',
    'https:/example.org/a',
    'https:///a',
    'https://user@example.org/a',
    'https://user:secret@example.org/a',
    'https://example.org@evil.test/a',
    'https://example.org/a#part',
    'https://example.org\\@evil.test/a',
    'https://example.org/a/../b',
    'https://example.org/a/..',
    'https://example.org/./b',
    'https://example.org/a/%2e%2E/b',
    'https://example.org/a/.%2e/b',
    'https://example.org/a%2fb',
    'https://example.org/a%00',
    'https://example.org/a%5cb',
    'https://example.org:0/a',
    'https://example.org:65536/a',
    'https://example.org:/a',
    'https://exa mple.org/a',
    ' https://example.org/a',
    'https://example.org/a\n',
    'https://example.org/a\u0000',
    'https://ex\u00e4mple.org/a',
    'https://\uff11\uff12\uff17.0.0.1/a',
    'https://%31%32%37.0.0.1/a',
    'https://[fe80::1%25eth0]/a',
    `https://example.org/${'a'.repeat(8_192)}`,
  ])('refuses %j', (url) => {
    expect(codeOf(() => parse(url))).toBe('E_URL_INVALID');
  });

  it('allows http where the source is local, and no other scheme', () => {
    expect(parse('http://127.0.0.1:8080/a', local)).toMatchObject({ scheme: 'http', port: 8080 });
    expect(codeOf(() => parse('ftp://127.0.0.1/a', local))).toBe('E_URL_INVALID');
  });

  it('shows neither credentials nor query in its message', () => {
    const messages: string[] = [];
    for (const url of ['https://user:secret@example.org/a?token=secret', 'http://example.org/a?token=secret']) {
      try {
        parse(url);
      } catch (error) {
        messages.push(String(error));
      }
    }
    expect(messages).toHaveLength(2);
    expect(messages.join()).not.toContain('secret');
    expect(withoutQuery('https://example.org/a?token=secret')).toBe('https://example.org/a');
  });
});

describe('checkHost', () => {
  const check = (url: string, hosts: readonly string[], isRedirect = false, isLocal = false) =>
    codeOf(() => {
      const by = { hosts, redirectHosts: policy.redirectHosts, isLocal };
      checkHost(parse(url, by), by, isRedirect, 'download');
    });

  it.each([
    ['https://example.org/a', 'example.org'],
    ['https://EXAMPLE.org/a', 'Example.Org'],
    ['https://example.org:443/a', 'example.org'],
    ['https://example.org:8443/a', 'example.org:8443'],
    ['https://a.example.org/a', '*.example.org'],
    ['https://a.b.example.org/a', '*.example.org'],
    ['https://anything.test:99/a', '*'],
    ['https://[2606:4700::1]/a', '[2606:4700::1]'],
    ['https://[2606:4700::1]:99/a', '[2606:4700::1]:99'],
  ])('allows %s for %s', (url, host) => {
    expect(check(url, [host])).toBe('none');
  });

  it.each([
    ['https://example.org.evil.test/a', 'example.org'],
    ['https://notexample.org/a', 'example.org'],
    ['https://notexample.org/a', '*.example.org'],
    ['https://example.org/a', '*.example.org'],
    ['https://.example.org/a', '*.example.org'],
    ['https://example.org:8443/a', 'example.org'],
    ['https://example.org/a', 'example.org:8443'],
    ['https://example.org./a', 'example.org'],
    ['https://cdn.example.net/a', 'example.org'],
  ])('denies %s for %s', (url, host) => {
    expect(check(url, [host])).toBe('E_HOST_DENIED');
  });

  it('denies everything where the policy names no host', () => {
    expect(check('https://example.org/a', [])).toBe('E_HOST_DENIED');
  });

  it('allows the hosts of redirects for redirects alone', () => {
    expect(check('https://cdn.example.net/a', ['example.org'], true)).toBe('none');
    expect(check('https://example.org/a', ['example.org'], true)).toBe('none');
    expect(check('https://evil.test/a', ['example.org'], true)).toBe('E_HOST_DENIED');
  });

  it.each(['localhost', 'a.localhost', 'printer.local', 'metadata.google.internal', 'localhost.'])(
    'refuses the name %s unless the source is local',
    (host) => {
      expect(check(`https://${host}/a`, ['*'])).toBe('E_ADDRESS_BLOCKED');
      expect(check(`https://${host}/a`, ['*'], false, true)).toBe('none');
    },
  );
});

describe('resolveLocation', () => {
  it.each([
    ['https://other.test/x', 'https://other.test/x'],
    ['HTTP://other.test/x', 'HTTP://other.test/x'],
    ['//other.test/x', 'https://other.test/x'],
    ['/x?y', 'https://example.org:8443/x?y'],
    ['?z', 'https://example.org:8443/a/b?z'],
    ['c', 'https://example.org:8443/a/c'],
    ['../c', 'https://example.org:8443/a/../c'],
  ])('resolves %s to %s', (location, expected) => {
    expect(resolveLocation(parse('https://example.org:8443/a/b?q'), location)).toBe(expected);
  });
});
