import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameRing } from './frame-ring.ts';

const bounds = { maxFrames: 5, maxBytes: 1_000, maxAgeMs: 1_000 };
const frame = (text: string): Buffer => Buffer.from(text);

describe('FrameRing', () => {
  it('keeps at most its frames, its bytes and its age, and always the newest', () => {
    const ring = new FrameRing(bounds, 'p0');
    for (let index = 1; index <= 8; index += 1) ring.append(frame('x'), `p${String(index)}`, 0);
    expect([ring.first, ring.next]).toEqual([3, 8]);
    ring.append(Buffer.alloc(999), 'p9', 0);
    expect([ring.first, ring.next, ring.bytes]).toEqual([7, 9, 1_000]);
    ring.append(Buffer.alloc(5_000), 'p10', 0);
    expect([ring.first, ring.next, ring.bytes]).toEqual([9, 10, 5_000]);
    ring.append(frame('y'), 'p11', 1_001);
    expect([ring.first, ring.next, ring.bytes]).toEqual([10, 11, 1]);
  });

  it('[F6] knows the positions that it holds and the one before them, and no other', () => {
    const ring = new FrameRing(bounds, 'p0');
    expect(ring.seqAfter('p0')).toBe(0);
    expect(ring.position).toBe('p0');
    for (let index = 1; index <= 7; index += 1) ring.append(frame('x'), `p${String(index)}`, 0);
    expect(ring.seqAfter('p1')).toBeUndefined();
    expect(ring.seqAfter('p2')).toBe(2);
    expect(ring.seqAfter('p5')).toBe(5);
    expect(ring.seqAfter('p7')).toBe(7);
    expect(ring.seqAfter('p8')).toBeUndefined();
    expect(ring.position).toBe('p7');
  });

  it('[F6] goes on behind the first frames of a position that comes again after others', () => {
    const ring = new FrameRing({ ...bounds, maxFrames: 7 }, '890');
    const put = (text: string, position?: string): void => {
      ring.append(frame(text), position, 0);
    };
    const from = (position: string): string | undefined => {
      const seq = ring.seqAfter(position);
      return seq === undefined ? undefined : ring.span(seq, 1_000)?.toString();
    };
    put('a', '900');
    put('b');
    put('c', '900');
    put('d');
    // A source that was restored from a backup says so, and counts on from there.
    put('e', '895');
    put('f', '895');
    expect([from('900'), from('895')]).toEqual(['def', undefined]);
    put('g', '900');
    expect([from('890'), from('900'), from('895')]).toEqual(['abcdefg', 'defg', 'g']);
    put('h', '901');
    expect([from('890'), from('900'), from('901')]).toEqual([undefined, 'defgh', undefined]);
    put('i', '902');
    put('j', '903');
    // The first ones have left, but for the position that the ring starts after.
    expect([ring.basePosition, from('900')]).toEqual(['900', 'defghij']);
    put('k', '904');
    put('l', '905');
    expect([ring.basePosition, from('900')]).toEqual(['895', 'hijkl']);
  });

  it('holds what is put before the oldest, and counts it', () => {
    const ring = new FrameRing(bounds, 'p2');
    ring.append(frame('ccc'), 'p3', 0);
    expect(
      ring.prepend(
        [
          { frame: frame('aaaa'), position: 'p1' },
          { frame: frame('b'), position: 'p2' },
        ],
        'p0',
        0,
      ),
    ).toBe(true);
    expect([ring.bytes, ring.seqAfter('p0'), ring.seqAfter('p1')]).toEqual([8, -2, -1]);
    expect(ring.prepend([{ frame: frame('z'), position: 'elsewhere' }], 'p', 0)).toBe(false);
    expect(ring.bytes).toBe(8);
  });

  it('gives a single frame over the budget alone, and nothing at the end', () => {
    const ring = new FrameRing(bounds, undefined);
    ring.append(frame('abcdef'), undefined, 0);
    ring.append(frame('g'), undefined, 0);
    expect(ring.span(0, 2)?.toString()).toBe('abcdef');
    expect(ring.spanEnd).toBe(1);
    expect(ring.span(1, 2)?.toString()).toBe('g');
    expect(ring.span(2, 2)).toBeUndefined();
  });

  it('gives readers at equal places the same buffer', () => {
    const ring = new FrameRing(bounds, undefined);
    ring.append(frame('a'), undefined, 0);
    ring.append(frame('b'), undefined, 0);
    expect(ring.span(0, 100)).toBe(ring.span(0, 100));
    ring.append(frame('c'), undefined, 0);
    expect(ring.span(0, 100)?.toString()).toBe('abc');
  });

  it('[B1] any reader that keeps up reads everything once and in order, whatever it reads at a time', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            length: fc.integer({ min: 1, max: 30 }),
            read: fc.boolean(),
            budget: fc.integer({ min: 1, max: 50 }),
          }),
        ),
        (steps) => {
          const ring = new FrameRing({ maxFrames: 1_000, maxBytes: 1e9, maxAgeMs: 1e9 }, undefined);
          let written = '';
          let read = '';
          let seq = 0;
          const pull = (budget: number): boolean => {
            const span = ring.span(seq, budget);
            if (span === undefined) return false;
            read += span.toString();
            seq = ring.spanEnd;
            return true;
          };
          for (const [index, step] of steps.entries()) {
            const text = String.fromCharCode(97 + (index % 26)).repeat(step.length);
            written += text;
            ring.append(frame(text), undefined, index);
            if (step.read) pull(step.budget);
          }
          while (pull(10));
          expect(read).toBe(written);
          expect(seq).toBe(ring.next);
        },
      ),
    );
  });
});
