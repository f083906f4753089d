import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodedValue, StateContent } from './state-content.ts';

interface Item {
  readonly key: string;
  readonly version: number;
  readonly value: unknown;
}

const decode = (jsons: readonly string[]): Item[] => jsons.map((json) => JSON.parse(json) as Item);

describe('StateContent', () => {
  it('[F2] takes only newer versions, and remembers those of deleted keys', () => {
    const content = new StateContent(10);
    expect(content.apply({ set: [{ key: 'a', version: 2, value: 1 }] }, 0)?.set).toHaveLength(1);
    expect(content.apply({ set: [{ key: 'a', version: 2, value: 2 }] }, 1)).toBeUndefined();
    expect(content.apply({ del: [{ key: 'a', version: 1 }] }, 1)).toBeUndefined();
    expect(
      content.apply(
        {
          del: [
            { key: 'a', version: 3 },
            { key: 'never', version: 9 },
          ],
        },
        1,
      )?.del,
    ).toEqual(['{"key":"a","version":3}']);
    expect(content.apply({ set: [{ key: 'a', version: 3, value: 3 }] }, 2)).toBeUndefined();
    expect(content.apply({ set: [{ key: 'a', version: 4, value: 4 }] }, 2)?.set).toHaveLength(1);
    expect(decode([...content.encodedItems()])).toEqual([{ key: 'a', version: 4, value: 4 }]);
  });

  it('replaces its content by what differs, and does not encode what is JSON already', () => {
    const content = new StateContent(10);
    content.apply(
      {
        set: [
          { key: 'a', value: { n: 1 } },
          { key: 'b', value: 2 },
          { key: 'c', value: new EncodedValue('[3]') },
        ],
      },
      0,
    );
    const difference = content.difference([
      { key: 'a', value: { n: 1 } },
      { key: 'b', value: 3 },
      { key: 'd', value: 4 },
    ]);
    expect(difference).toEqual({
      set: [
        { key: 'b', value: 3 },
        { key: 'd', value: 4 },
      ],
      del: [{ key: 'c' }],
    });
    expect(decode([...content.encodedItems()]).find((item) => item.key === 'c')?.value).toEqual([3]);
  });

  it('[F3] whoever applies the changes after any point, in pieces of any size, ends with the content', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__'),
      value: fc.option(fc.integer()),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.nat(60),
        fc.integer({ min: 1, max: 200 }),
        (steps, cut, budget) => {
          const content = new StateContent(1_000);
          const reader = new Map<string, number>();
          const truth = new Map<string, number>();
          const readFrom = Math.min(cut, steps.length);
          for (const [seq, { key, value }] of steps.entries()) {
            if (value === null) {
              content.apply({ del: [{ key }] }, seq);
              truth.delete(key);
            } else {
              content.apply({ set: [{ key, value }] }, seq);
              truth.set(key, value);
            }
            if (seq < readFrom) {
              reader.clear();
              for (const [known, held] of truth) reader.set(known, held);
            }
          }
          for (let after = readFrom - 1, more = true; more;) {
            const changes = content.changesAfter(after, budget);
            for (const item of decode(changes.set)) reader.set(item.key, item.value as number);
            for (const item of decode(changes.del)) reader.delete(item.key);
            ({ more } = changes);
            after = changes.seq;
          }
          expect(new Map([...reader].sort())).toEqual(new Map([...truth].sort()));
        },
      ),
    );
  });

  it('forgets the oldest deletions beyond its bound and says from where on it is unsure', () => {
    const content = new StateContent(2);
    for (const [seq, key] of ['a', 'b', 'c'].entries()) content.apply({ set: [{ key, value: 1 }] }, seq);
    expect(content.forgottenSeq).toBe(-1);
    for (const [seq, key] of ['a', 'b', 'c'].entries()) content.apply({ del: [{ key }] }, 3 + seq);
    expect(content.forgottenSeq).toBe(3);
    expect(content.size).toBe(0);
  });
});
