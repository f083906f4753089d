import { describe, expect, it, vi } from 'vitest';
import { BoundedLog } from './bounded-log.ts';

const create = () =>
  new BoundedLog<{ id: string; at: number }>(
    (entry) => entry.id,
    (entry) => entry.at,
    3,
  );

describe('BoundedLog', () => {
  it('keeps the newest in order of time, whichever way they come', () => {
    const log = create();
    log.add([
      { id: 'c', at: 3 },
      { id: 'a', at: 1 },
    ]);
    log.add([
      { id: 'd', at: 4 },
      { id: 'b', at: 2 },
    ]);
    expect(log.getEntries().map(({ id }) => id)).toEqual(['b', 'c', 'd']);
  });

  it('tells its listeners of what is new, and of nothing else', () => {
    const log = create();
    const listener = vi.fn();
    const undo = log.subscribe(listener);
    log.add([{ id: 'a', at: 1 }]);
    const before = log.getEntries();
    log.add([{ id: 'a', at: 1 }]);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(log.getEntries()).toBe(before);
    undo();
    log.add([{ id: 'b', at: 2 }]);
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
