import { describe, expect, it } from 'vitest';
import { decodeAcceptingPeerFrame, decodeConnectingPeerFrame, describeIssues } from './decode.ts';
import { subscribeParamsSchema } from './schemas.ts';

const decode = (frame: object) => decodeConnectingPeerFrame(JSON.stringify(frame));

describe('a known type', () => {
  it('[M4] loses the keys that this peer does not know, at every depth', () => {
    const hello = { type: 'hello', protocol: 1, peer: { name: 'web', version: '1', build: 7 }, colour: 'red' };
    expect(decode(hello)).toEqual({
      kind: 'frame',
      frame: { type: 'hello', protocol: 1, peer: { name: 'web', version: '1' } },
    });
  });

  it('[O6] keeps ext as it is', () => {
    const ext = { agent: { id: 'a', labels: ['x'] }, constructor: 1 };
    const decoded = decode({ type: 'hello', protocol: 1, peer: { name: 'agent', version: '1' }, ext });
    expect(decoded).toMatchObject({ kind: 'frame', frame: { ext } });
  });

  it('[M6] with a wrong field names the field, the type and the id', () => {
    expect(decode({ type: 'hello', protocol: 1, peer: { name: '', version: '1' } })).toEqual({
      kind: 'invalid',
      type: 'hello',
      id: undefined,
      reason: expect.stringMatching(/^peer\.name: /) as string,
    });
    expect(decode({ type: 'request', id: 7 })).toMatchObject({
      kind: 'invalid',
      type: 'request',
      id: 7,
      reason: expect.stringMatching(/^method: /) as string,
    });
  });

  it.each([0, -1, 1.5, '7', null, 2 ** 53, [7]])('[M6] with the id %j has no id that could be read', (id) => {
    expect(decode({ type: 'request', id, method: 'm' })).toMatchObject({
      kind: 'invalid',
      type: 'request',
      id: undefined,
    });
  });

  it('takes names of 200 code units and no more, and none that is empty', () => {
    expect(decode({ type: 'message', name: 'x'.repeat(200) })).toMatchObject({ kind: 'frame' });
    expect(decode({ type: 'message', name: 'x'.repeat(201) })).toMatchObject({ kind: 'invalid' });
    expect(decode({ type: 'message', name: '' })).toMatchObject({ kind: 'invalid' });
  });

  it('counts UTF-16 code units in a name, not characters', () => {
    expect(decode({ type: 'message', name: '🚀'.repeat(100) })).toMatchObject({ kind: 'frame' });
    expect(decode({ type: 'message', name: '🚀'.repeat(101) })).toMatchObject({ kind: 'invalid' });
  });

  const lengths: unknown[] = [
    { length: { toString: '' } },
    { length: 5 },
    { length: { valueOf: 1, toString: 1 } },
    ['a'],
    null,
  ];
  it.each(lengths)('[M6] survives %j where a text should stand', (value) => {
    expect(decode({ type: 'message', name: value })).toMatchObject({
      kind: 'invalid',
      reason: expect.stringMatching(/^name: /) as string,
    });
    expect(decode({ type: 'hello', protocol: 1, token: value, peer: { name: 'p', version: '1' } })).toMatchObject({
      kind: 'invalid',
    });
    expect(subscribeParamsSchema.safeParse({ items: value === null ? null : { ...(value as object) } }).success).toBe(
      false,
    );
  });

  it('takes tokens of 16,384 code units and no more', () => {
    const hello = (length: number) => ({
      type: 'hello',
      protocol: 1,
      token: 'x'.repeat(length),
      peer: { name: 'p', version: '1' },
    });
    expect(decode(hello(16_384))).toMatchObject({ kind: 'frame' });
    expect(decode(hello(16_385))).toMatchObject({
      kind: 'invalid',
      reason: expect.stringMatching(/^token: /) as string,
    });
  });
});

describe('an unknown type', () => {
  it('[M5] is told apart from a known one, with its id, and clipped', () => {
    expect(decode({ type: 'subscribe2', id: 3 })).toEqual({ kind: 'unknown', type: 'subscribe2', id: 3 });
    expect(decode({ type: 'y'.repeat(10_000) })).toEqual({ kind: 'unknown', type: 'y'.repeat(64), id: undefined });
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', ''])('[M5] may be called %j', (type) => {
    expect(decode({ type })).toMatchObject({ kind: 'unknown', type });
  });

  it('[M5] is one that only the other peer sends', () => {
    expect(decode({ type: 'welcome' })).toMatchObject({ kind: 'unknown' });
    expect(decodeAcceptingPeerFrame('{"type":"hello"}')).toMatchObject({ kind: 'unknown' });
  });
});

it('[M2] tells what is no frame at all', () => {
  expect(decodeConnectingPeerFrame('[]')).toEqual({ kind: 'malformed', reason: expect.any(String) as string });
  expect(decodeAcceptingPeerFrame('{"type":"ping"')).toEqual({
    kind: 'malformed',
    reason: expect.any(String) as string,
  });
});

it('describes the first issue of a schema, with its path where it has one', () => {
  expect(describeIssues([])).toBe('invalid');
  expect(describeIssues([{ path: [], message: 'expected an object' }])).toBe('expected an object');
  expect(
    describeIssues([
      { path: ['items', 0, 'key'], message: 'expected string' },
      { path: [], message: 'no' },
    ]),
  ).toBe('items.0.key: expected string');
});
