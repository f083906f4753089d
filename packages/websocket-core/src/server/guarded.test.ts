import { describe, expect, it, vi } from 'vitest';
import { guarded, isThenable, safeLogger } from './guarded.ts';

describe('guarded', () => {
  const failures: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    [
      'is a thenable that rejects',
      () => ({
        then: (_resolve: unknown, reject: (error: Error) => void) => {
          reject(new Error('boom'));
        },
      }),
    ],
  ];

  it.each(failures)('logs what %s, and lets nothing through', async (_what, run) => {
    const error = vi.fn();
    guarded({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error }, { id: 1 }, 'it failed', run);
    await vi.waitFor(() => {
      expect(error).toHaveBeenCalledExactlyOnceWith({ id: 1, err: expect.any(Error) as Error }, 'it failed');
    });
  });

  it('knows a thenable from a value that only looks like one', () => {
    expect([{ then: () => undefined }, Promise.resolve(1)].map(isThenable)).toEqual([true, true]);
    expect([{ then: 1 }, null, undefined, 'then', 0].map(isThenable)).toEqual([false, false, false, false, false]);
  });
});

describe('safeLogger', () => {
  it('passes on what is logged, as a call on the logger, and swallows what it throws', () => {
    const lines: unknown[] = [];
    const logger = safeLogger({
      debug() {
        throw new Error('the disk is full');
      },
      info(fields, message) {
        lines.push([this !== undefined, fields, message]);
      },
      warn: vi.fn(),
      error: vi.fn(),
    });
    logger.debug({}, 'lost');
    logger.info({ a: 1 }, 'kept');
    expect(lines).toEqual([[true, { a: 1 }, 'kept']]);
  });
});
