import { expect, it } from 'vitest';
import { Recovery, type RecoveryResult } from './recovery.ts';

function recover(deliveries: readonly (readonly string[])[], mode = 'recovered'): RecoveryResult | undefined {
  let result: RecoveryResult | undefined;
  const recovery = new Recovery('e:7', deliveries.length, 2, (got) => {
    result = got;
  });
  for (const positions of deliveries) {
    const peer = recovery.join();
    peer.started(mode);
    for (const position of positions) {
      const bytes = Buffer.from(`{"type":"publication","ch":1,"position":"${position}","data":0}`);
      peer.delivered(bytes, 0, bytes.length);
    }
  }
  return result;
}

it('a peer that gets each missed publication once and in order has recovered', () => {
  expect(
    recover([
      ['e:8', 'e:9'],
      ['e:8', 'e:9'],
    ])?.recovered,
  ).toBe(2);
});

it('it ends when the last peer has all, not before', () => {
  expect(recover([['e:8', 'e:9'], ['e:8']])).toBeUndefined();
});

it.each([
  ['a publication was left out', ['e:9', 'e:10']],
  ['one came twice', ['e:8', 'e:8']],
  ['the order was wrong', ['e:9', 'e:8']],
  ['it is of another epoch', ['f:8', 'f:9']],
])('a peer has not recovered when %s', (_what, positions) => {
  expect(recover([positions])?.recovered).toBe(0);
});

it('a peer that started live has not recovered', () => {
  expect(recover([['e:8', 'e:9']], 'live')?.recovered).toBe(0);
});
