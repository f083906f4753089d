import fc from 'fast-check';
import { expect, it } from 'vitest';
import { closeAction, closeCodeName, closeCodes, isWireErrorCode, wireErrors } from './codes.ts';

it('[G4] follows the registry for every code in it', () => {
  for (const [code, { action, name }] of Object.entries(closeCodes)) {
    expect([code, closeAction(Number(code)), closeCodeName(Number(code))]).toEqual([code, action, name]);
  }
});

it('[G4] takes an unknown code from 4500 to 4599 for final and any other for a reason to connect again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65_535 }), (code) => {
      if (Object.hasOwn(closeCodes, code)) return;
      expect(closeAction(code)).toBe(code >= 4500 && code <= 4599 ? 'final' : 'reconnect');
      expect(closeCodeName(code)).toBe(`CODE_${String(code)}`);
    }),
  );
  expect([4499, 4500, 4599, 4600].map(closeAction)).toEqual(['reconnect', 'final', 'final', 'reconnect']);
});

it('[G4] keeps the ranges true for what the registry holds: 44nn reconnects or refreshes, 45nn is final', () => {
  for (const [code, { action }] of Object.entries(closeCodes)) {
    if (code.startsWith('44')) expect(action).not.toBe('final');
    if (code.startsWith('45')) expect(action).toBe('final');
  }
});

it('knows its own wire codes and no name of an object member', () => {
  for (const code of Object.keys(wireErrors)) expect(isWireErrorCode(code)).toBe(true);
  for (const code of ['constructor', '__proto__', 'toString', '', 'bad_frame'])
    expect(isWireErrorCode(code)).toBe(false);
});

it('has names that are unique', () => {
  const names = Object.values(closeCodes).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
