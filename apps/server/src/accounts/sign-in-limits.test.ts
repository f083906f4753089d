import { describe, expect, it } from 'vitest';
import { SignInLimits } from './sign-in-limits.ts';

describe('SignInLimits', () => {
  it('lets one address fail ten times, then once every ten seconds', () => {
    let now = 0;
    const limits = new SignInLimits(() => now);
    const waits = Array.from({ length: 11 }, () => limits.take('admin', '192.0.2.1'));
    expect(waits).toEqual([...Array<number>(10).fill(0), 10_000]);
    expect(limits.take('admin', '192.0.2.2')).toBe(0);
    now = 10_000;
    expect(limits.take('other', '192.0.2.1')).toBe(0);
  });

  it('takes the addresses of one IPv6 /64 for one, and those of another for another', () => {
    const limits = new SignInLimits(() => 0);
    const same = [
      '2001:db8::1',
      '2001:db8::2',
      '2001:0DB8:0:0:1:2:3:4',
      '2001:db8:0:0::9%eth0',
      '2001:db8::ffff:1.2.3.4',
    ];
    for (let round = 0; round < 2; round += 1) for (const address of same) limits.take('admin', address);
    expect(limits.take('admin', '2001:db8::abcd')).toBeGreaterThan(0);
    expect(limits.take('admin', '2001:db8:0:1::1')).toBe(0);
    expect(limits.take('admin', '::1')).toBe(0);
  });

  it('counts the networks of one IPv6 /48 together as well, but not where a name has signed in before', () => {
    let now = 0;
    const limits = new SignInLimits(() => now);
    limits.succeeded('home', '2001:db8:1:ffff::1');
    const network = (index: number) => `2001:db8:1:${index.toString(16)}::1`;
    // Each name once, so that no name is at its limit.
    for (let guess = 0; guess < 50; guess += 1) expect(limits.take(`user-${String(guess)}`, network(guess))).toBe(0);
    expect(limits.take('another', network(50))).toBe(2_000);
    expect(limits.take('another', '2001:db8:2::1')).toBe(0);
    expect(limits.take('home', '2001:db8:1:ffff::1')).toBe(0);
    now = 2_000;
    expect(limits.take('another', network(50))).toBe(0);
    // What was refused for the /48 has cost the /64 nothing, and what is given back counts for neither.
    limits.giveBack('another', network(50));
    for (let guess = 0; guess < 10; guess += 1) {
      now += 2_000;
      expect(limits.take('another', network(50))).toBe(0);
    }
  });

  it('lets one name fail a hundred times from wherever, but where it has signed in before', () => {
    const limits = new SignInLimits(() => 0);
    limits.take('admin', '198.51.100.1');
    limits.succeeded('admin', '198.51.100.1');
    for (let guess = 0; guess < 100; guess += 1) expect(limits.take('admin', `10.0.0.${String(guess)}`)).toBe(0);
    expect(limits.take('admin', '10.0.1.1')).toBe(6_000);
    expect(limits.take('admin', '198.51.100.1')).toBe(0);
    // Another name is not held up, and the address that was refused for the name has lost nothing.
    for (let guess = 0; guess < 10; guess += 1) expect(limits.take('other', '10.0.1.1')).toBe(0);
    expect(limits.take('other', '10.0.1.1')).toBeGreaterThan(0);
  });

  it('counts no success', () => {
    const limits = new SignInLimits(() => 0);
    for (let sign = 0; sign < 300; sign += 1) {
      expect(limits.take('admin', '192.0.2.1')).toBe(0);
      limits.succeeded('admin', '192.0.2.1');
    }
  });
});
