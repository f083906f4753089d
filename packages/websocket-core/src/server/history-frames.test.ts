import { describe, expect, it } from 'vitest';
import { HistoryFrames } from './history-frames.ts';

describe('frames of the history', () => {
  it('[B1] are encoded once for all that hold them', () => {
    const frames = new HistoryFrames(2);
    let encoded = 0;
    const encode = (): Buffer => {
      encoded += 1;
      return Buffer.from(String(encoded));
    };
    const first = frames.at('e:1', encode);
    expect(frames.at('e:1', encode)).toBe(first);
    expect(frames.at('e:2', encode)).not.toBe(first);
    expect(encoded).toBe(2);
  });

  it('are remembered up to the bound, and those beyond it encoded again', () => {
    const frames = new HistoryFrames(2);
    const held = ['e:1', 'e:2', 'e:3'].map((position) => frames.at(position, () => Buffer.from(position)));
    expect(frames.at('e:3', () => Buffer.from('again'))).toBe(held[2]);
    expect(frames.at('e:1', () => Buffer.from('again')).toString()).toBe('again');
  });
});
