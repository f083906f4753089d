import { expect, it } from 'vitest';
import { isConfidential, resolveUrl } from './resolve-url.ts';

const http = { href: 'http://host.test:8080/app/page', protocol: 'http:' };
const https = { href: 'https://host.test/app/page#x', protocol: 'https:' };

it.each([
  ['ws://a.test/x', undefined, 'ws://a.test/x'],
  ['wss://a.test/x', undefined, 'wss://a.test/x'],
  ['http://a.test:81/x?y=1', undefined, 'ws://a.test:81/x?y=1'],
  ['https://a.test/x#part', undefined, 'wss://a.test/x'],
  ['/live', http, 'ws://host.test:8080/live'],
  ['live', https, 'wss://host.test/app/live'],
  ['/live', https, 'wss://host.test/live'],
  ['ws://a.test/x', https, 'wss://a.test/x'],
  ['wss://a.test/x', http, 'wss://a.test/x'],
])('takes %s on %o as %s', (url, page, expected) => {
  expect(resolveUrl(url, page)).toBe(expected);
});

it.each([
  ['/live', undefined],
  ['', undefined],
  ['ftp://a.test', undefined],
  ['javascript:alert(1)', https],
  ['http://', http],
])('throws INVALID_ARGUMENT for %s on %o', (url, page) => {
  expect(() => resolveUrl(url, page)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error);
});

it.each([
  ['wss://a.test', true],
  ['ws://a.test', false],
  ['ws://localhost:1', true],
  ['ws://app.localhost', true],
  ['ws://localhost.evil.test', false],
  ['ws://127.0.0.1', true],
  ['ws://127.9.9.9', true],
  ['ws://2130706433', true],
  ['ws://127.0.0.1.evil.test', false],
  ['ws://[::1]:80', true],
  ['ws://[::2]', false],
  ['ws://10.0.0.1', false],
  ['https://a.test', true],
  ['http://a.test', false],
  ['http://localhost:3000', true],
])('knows whether a token may travel to %s: %s', (url, expected) => {
  expect(isConfidential(url)).toBe(expected);
});
