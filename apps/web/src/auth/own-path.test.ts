import { describe, expect, it } from 'vitest';
import { ownPath } from './own-path.ts';

const origin = 'http://127.0.0.1:8080';

describe('ownPath', () => {
  it.each([
    ['/connections?q=x#y', '/connections?q=x#y'],
    ['/', '/'],
    [undefined, '/'],
    ['connections', '/'],
    ['//evil.example/x', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['http://evil.example', '/'],
    ['javascript:alert(1)', '/'],
  ])('takes %j to %j', (next, path) => {
    expect(ownPath(next, origin)).toBe(path);
  });

  it('never leads to a path that a browser would read as another host', () => {
    for (const next of ['/.//evil.example', '/x/..//evil.example', '/%2e//evil.example']) {
      expect(new URL(ownPath(next, origin), origin).origin).toBe(origin);
    }
  });
});
