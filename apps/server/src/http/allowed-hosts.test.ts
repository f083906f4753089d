import { describe, expect, it } from 'vitest';
import { createHostCheck } from './allowed-hosts.ts';

describe('createHostCheck', () => {
  it.each(['127.0.0.1', 'localhost', '::1', '127.0.0.2'])(
    'on %s takes addresses and localhost, and no other name',
    (host) => {
      const isAllowed = createHostCheck(host, []);
      for (const good of ['127.0.0.1:8080', 'localhost:8080', 'LOCALHOST', 'a.localhost', '[::1]:8080', '10.1.2.3']) {
        expect([good, isAllowed(good)]).toEqual([good, true]);
      }
      for (const bad of [
        'evil.example',
        'evil.example:8080',
        'localhost.evil.example',
        '127.0.0.1.evil.example',
        '',
        '[',
        undefined,
      ]) {
        expect([bad, isAllowed(bad)]).toEqual([bad, false]);
      }
    },
  );

  it('takes the names that it is told, whatever their case, and no others', () => {
    const isAllowed = createHostCheck('127.0.0.1', ['Fleet.example', 'bücher.example']);
    expect(isAllowed('fleet.EXAMPLE:443')).toBe(true);
    expect(isAllowed('fleet.example.')).toBe(true);
    expect(isAllowed('x.fleet.example')).toBe(false);
    // Browsers send names in their ASCII form.
    expect(isAllowed('xn--bcher-kva.example:8080')).toBe(true);
  });

  it('takes every name beyond loopback, until it is told which', () => {
    expect(createHostCheck('0.0.0.0', [])('fleet.example')).toBe(true);
    expect(createHostCheck('0.0.0.0', ['fleet.example'])('evil.example')).toBe(false);
    expect(createHostCheck('fleet.internal', ['fleet.example'])('fleet.internal:8080')).toBe(true);
  });
});
