import { describe, expect, it } from 'vitest';
import { parseUrl } from '../../core/url-rules.ts';
import { isExempt, readProxyUrl } from './proxy-choice.ts';

const policy = { hosts: ['*'], redirectHosts: [], isLocal: true };
const isDirect = (noProxy: string, url: string) => isExempt(noProxy, parseUrl(url, policy, 'resolve'));

describe('isExempt', () => {
  it.each([
    ['*', 'https://hub.example'],
    ['*', 'https://10.0.0.1'],
    ['hub.example', 'https://hub.example'],
    ['HUB.example', 'https://Hub.Example/x'],
    ['a.test, hub.example ,b.test', 'https://hub.example'],
    ['a.test hub.example', 'https://hub.example'],
    ['example', 'https://hub.example'],
    ['.example', 'https://hub.example'],
    ['*.example', 'https://deep.hub.example'],
    ['hub.example:8443', 'https://hub.example:8443'],
    ['hub.example:443', 'https://hub.example'],
    ['hub.example.', 'https://hub.example'],
    ['hub.example', 'https://hub.example.'],
    ['192.0.2.7', 'https://192.0.2.7'],
    ['192.0.2.7:443', 'https://192.0.2.7'],
    ['192.0.2.0/24', 'https://192.0.2.7'],
    ['2001:db8::/32', 'https://[2001:db8::7]'],
    ['2001:db8:0::7', 'https://[2001:db8::7]'],
    ['[2001:db8::7]:443', 'https://[2001:db8::7]'],
  ])('%j sends %s by no proxy', (noProxy, url) => {
    expect(isDirect(noProxy, url)).toBe(true);
  });

  it.each([
    ['', 'https://hub.example'],
    [' , ', 'https://hub.example'],
    ['ub.example', 'https://hub.example'],
    ['hub.example.org', 'https://hub.example'],
    ['hub.example:8443', 'https://hub.example'],
    ['.', 'https://hub.example'],
    ['*.', 'https://hub.example'],
    ['h*b.example', 'https://hub.example'],
    ['192.0.2.0/24', 'https://192.0.3.7'],
    ['192.0.2.0/99', 'https://192.0.2.7'],
    ['192.0.2.0/', 'https://192.0.2.7'],
    ['2.7', 'https://192.0.2.7'],
    ['192.0.2.0/24', 'https://hub.example'],
    ['192.0.2.0/24', 'https://[2001:db8::7]'],
  ])('%j leaves %s to the proxy', (noProxy, url) => {
    expect(isDirect(noProxy, url)).toBe(false);
  });
});

describe('readProxyUrl', () => {
  it.each([
    ['http://proxy:3128', 'http://proxy:3128/'],
    ['proxy:3128', 'http://proxy:3128/'],
    ['user:pass@proxy:3128', 'http://user:pass@proxy:3128/'],
    ['http://[::1]:3128/', 'http://[::1]:3128/'],
  ])('%s is one', (text, url) => {
    expect(readProxyUrl(text)).toBe(url);
  });

  it.each([
    '',
    'http://',
    'socks5://proxy:1080',
    'https://proxy',
    'http://proxy/path',
    'a b',
    ' http://proxy',
    'proxy',
    'proxy:port',
    '/x',
  ])('%j is none', (text) => {
    expect(readProxyUrl(text)).toBeUndefined();
  });
});
