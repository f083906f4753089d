import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodedValue, StateContent, type ApplyOptions } from './state-content.ts';

interface Item {
  readonly key: string;
  readonly version: number;
  readonly value: unknown;
}

/** A change of ring frame `seq` whose versions are the source's own. */
const at = (seq: number): ApplyOptions => ({ seq, renumber: false });

const decode = (jsons: readonly string[]): Item[] => jsons.map((json) => JSON.parse(json) as Item);

describe('StateContent', () => {
  it('[F2] takes only newer versions, and remembers those of deleted keys', () => {
    const content = new StateContent(10);
    expect(content.apply({ set: [{ key: 'a', version: 2, value: 1 }] }, at(0))?.set).toHaveLength(1);
    expect(content.apply({ set: [{ key: 'a', version: 2, value: 2 }] }, at(1))).toBeUndefined();
    expect(content.apply({ del: [{ key: 'a', version: 1 }] }, at(1))).toBeUndefined();
    expect(
      content.apply(
        {
          del: [
            { key: 'a', version: 3 },
            { key: 'never', version: 9 },
          ],
        },
        at(1),
      )?.del,
    ).toEqual(['{"key":"a","version":3}']);
    expect(content.apply({ set: [{ key: 'a', version: 3, value: 3 }] }, at(2))).toBeUndefined();
    expect(content.apply({ set: [{ key: 'a', version: 4, value: 4 }] }, at(2))?.set).toHaveLength(1);
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
      at(0),
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

  it('[F2] a deletion without a version stays below the next change of its item, whatever the others have', () => {
    const content = new StateContent(10);
    const items = [
      { key: 'a', version: 3, value: 1 },
      { key: 'z', version: 1_000, value: 1 },
    ];
    content.apply({ set: items }, at(0));
    expect(content.apply({ del: [{ key: 'a' }] }, at(1))?.del).toEqual(['{"key":"a","version":3.5}']);
    expect(content.apply({ set: [{ key: 'a', version: 4, value: 2 }] }, at(2))?.set).toHaveLength(1);
  });

  it('[F2] numbers the versions itself when it may, so that what was replaced can come back unchanged', () => {
    const content = new StateContent(10);
    const own = (seq: number, isWhole = false): ApplyOptions => ({ seq, renumber: true, isWhole });
    const item = { key: 'a', version: 3, value: 1 };
    const versions: number[] = [];
    const note = (jsons: readonly string[] = []): void => {
      versions.push(...decode(jsons).map(({ version }) => version));
    };
    note(content.apply({ set: [item] }, own(0))?.set);
    note(content.apply({ del: [{ key: 'a' }] }, own(1, true))?.del);
    expect(content.apply({ set: [item] }, own(2))).toBeUndefined();
    note(content.apply({ set: [item] }, own(2, true))?.set);
    expect(versions).toEqual([1, 2, 3]);
  });

  it('takes a change whole or not at all', () => {
    const content = new StateContent(10);
    const broken = {
      set: [
        { key: 'a', value: 1 },
        { key: 'b', value: 1n },
      ],
    };
    expect(() => content.apply(broken, at(0))).toThrow(TypeError);
    expect(content.size).toBe(0);
  });

  it('[F3] whoever applies the changes after any point ends with the content, or is told to start over', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__'),
      value: fc.option(fc.integer()),
    });
    let told = 0;
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.nat(60),
        fc.integer({ min: 1, max: 400 }),
        fc.boolean(),
        (steps, cut, budget, renumber) => {
          const content = new StateContent(1_000);
          const reader = new Map<string, number>();
          const truth = new Map<string, number>();
          const readFrom = Math.min(cut, steps.length);
          for (const [seq, { key, value }] of steps.entries()) {
            if (value === null) {
              content.apply({ del: [{ key }] }, { seq, renumber });
              truth.delete(key);
            } else {
              content.apply({ set: [{ key, value }] }, { seq, renumber });
              truth.set(key, value);
            }
            if (seq < readFrom) {
              reader.clear();
              for (const [known, held] of truth) reader.set(known, held);
            }
          }
          const changes = content.changesAfter(readFrom - 1, budget);
          if (changes === undefined) {
            told += 1;
            return;
          }
          expect(JSON.stringify(changes).length).toBeLessThan(2 * budget + 200);
          for (const item of decode(changes.set)) reader.set(item.key, item.value as number);
          for (const item of decode(changes.del)) reader.delete(item.key);
          expect(new Map([...reader].sort())).toEqual(new Map([...truth].sort()));
        },
      ),
    );
    expect(told).toBeGreaterThan(0);
  });

  it('forgets the oldest deletions beyond its bound and says from where on it is unsure', () => {
    const content = new StateContent(2);
    for (const [seq, key] of ['a', 'b', 'c'].entries()) content.apply({ set: [{ key, value: 1 }] }, at(seq));
    expect(content.forgottenSeq).toBe(-Infinity);
    for (const [seq, key] of ['a', 'b', 'c'].entries()) content.apply({ del: [{ key }] }, at(3 + seq));
    expect(content.forgottenSeq).toBe(3);
    expect(content.size).toBe(0);
  });
});
