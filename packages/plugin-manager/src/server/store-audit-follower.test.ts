import { mkdtemp, open, rename, rm, symlink, truncate, writeFile, appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock } from '@fleetwire/websocket-core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { maxLineBytes, maxReadBytes } from './appended-lines.ts';
import { auditLookMs, followStoreAudit, maxAuditBatch, type StoreAuditFollower } from './store-audit-follower.ts';
import type { StoreAuditLine } from './store-audit-line.ts';

let root: string;
let newer: string;
let older: string;
let told: StoreAuditLine[];
let follower: StoreAuditFollower | undefined;
let clock: ReturnType<typeof createManualClock>;
const logger = { debug: () => undefined, info: () => undefined, warn: vi.fn(), error: vi.fn() };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'store-audit-'));
  newer = join(root, 'audit.jsonl');
  older = join(root, 'audit.1.jsonl');
  told = [];
  clock = createManualClock();
  vi.clearAllMocks();
});
afterEach(async () => {
  await follower?.dispose();
  await rm(root, { recursive: true });
});

const lineOf = (operationId: string, more: object = {}): string =>
  `${JSON.stringify({ at: 7, program: 'other', operationId, action: 'install', outcome: 'done', ...more })}\n`;

function follow(take = (lines: readonly StoreAuditLine[]): Promise<void> => Promise.resolve(void told.push(...lines))) {
  follower = followStoreAudit({ root, program: 'mine', take, logger, clock });
}

const ids = () => told.map(({ operationId }) => operationId);

/** Until it has told that, and it tells nothing more at the looks that follow. */
async function tells(...expected: readonly string[]): Promise<void> {
  await vi.waitFor(
    () => {
      clock.advance(auditLookMs);
      expect(ids()).toEqual(expected);
    },
    { interval: 5 },
  );
  for (let count = 0; count < 5; count += 1) {
    await new Promise(setImmediate);
    clock.advance(auditLookMs);
  }
  expect(ids()).toEqual(expected);
}

describe('followStoreAudit', () => {
  it('tells each line of others once, those of the file that was put aside first, and its own never', async () => {
    await writeFile(older, lineOf('a') + lineOf('b', { program: 'mine' }));
    await writeFile(newer, lineOf('c', { program: undefined, actor: 'ada' }));
    follow();
    await tells('a', 'c');
    expect(told[1]).toEqual({ at: 7, operationId: 'c', action: 'install', outcome: 'done', actor: 'ada' });
    await appendFile(newer, lineOf('d') + lineOf('e', { program: 'mine' }));
    await tells('a', 'c', 'd');
  });

  it('loses nothing and tells nothing twice where the file is put aside', async () => {
    await writeFile(newer, lineOf('a'));
    follow();
    await tells('a');
    await appendFile(newer, lineOf('b'));
    await rename(newer, older);
    await tells('a', 'b');
    await writeFile(newer, lineOf('c'));
    await tells('a', 'b', 'c');
  });

  it('reads a file anew that has become shorter', async () => {
    await writeFile(newer, lineOf('a') + lineOf('b'));
    follow();
    await tells('a', 'b');
    await truncate(newer);
    await appendFile(newer, lineOf('c'));
    await tells('a', 'b', 'c');
  });

  it('waits for the end of a line, and passes over those that are damaged, with a word to the operator', async () => {
    const whole = lineOf('c');
    await writeFile(
      newer,
      `${lineOf('a')}\n{"at":\nnull\n[]\n${lineOf('x', { action: 7 })}${lineOf('<x>')}\0\n${lineOf('b')}${whole.slice(0, 30)}`,
    );
    follow();
    await tells('a', 'b');
    await appendFile(newer, whole.slice(30));
    await tells('a', 'b', 'c');
    expect(logger.warn.mock.calls.map(([fields]) => fields as unknown)).toEqual([{ damaged: 6 }]);
  });

  it('finds the line behind what is left of a write that was cut off', async () => {
    await writeFile(newer, lineOf('a').slice(0, 25) + lineOf('b'));
    follow();
    await tells('b');
  });

  it('passes over a line of any length, and holds no more of it than a line may have', async () => {
    const long = (bytes: number) => lineOf('x', { actor: 'y'.repeat(bytes) });
    await writeFile(newer, long(maxLineBytes) + lineOf('a') + long(5 * maxLineBytes) + lineOf('b'));
    follow();
    await tells('a', 'b');
  });

  it('reads a line without an end once, and not again at each look', async () => {
    const begun = lineOf('a') + 'x'.repeat(5 * maxLineBytes);
    await writeFile(newer, begun);
    follow();
    await tells('a');
    const handle = await open(newer);
    const reads = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'read');
    await handle.close();
    try {
      await appendFile(newer, `y\n${lineOf('b')}`);
      await tells('a', 'b');
      const places = reads.mock.calls.map((args: readonly unknown[]) => Number(args[3]));
      expect(Math.min(...places)).toBe(begun.length - 1);
    } finally {
      reads.mockRestore();
    }
    expect(logger.warn.mock.calls.map(([fields]) => fields as unknown)).toEqual([{ damaged: 1 }]);
  });

  it('stops within a line without an end', async () => {
    await writeFile(newer, '');
    await truncate(newer, maxReadBytes);
    const handle = await open(newer);
    const reads = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'read');
    await handle.close();
    try {
      follow();
      await vi.waitFor(() => expect(reads).toHaveBeenCalled(), { interval: 1 });
      await follower?.dispose();
      expect(reads.mock.calls.length).toBeLessThan(maxReadBytes / maxLineBytes);
    } finally {
      reads.mockRestore();
    }
  });

  it('reads the end alone of a file that is larger than any audit, and says so once', async () => {
    await writeFile(newer, lineOf('a'));
    await truncate(newer, 4 * maxReadBytes);
    await appendFile(newer, `\n${lineOf('b')}`);
    follow();
    await tells('b');
    await appendFile(newer, lineOf('c'));
    await tells('b', 'c');
    const passedOver = logger.warn.mock.calls.filter(([fields]) => 'passedOverBytes' in (fields as object));
    expect(passedOver).toHaveLength(1);
  });

  it('shows no control characters, and no more of a text than fits', async () => {
    await writeFile(newer, lineOf('a', { actor: `ro\u001b[31mot\u202e${'x'.repeat(3_000)}`, pluginId: 'a:b/c' }));
    follow();
    await tells('a');
    expect(told[0]?.actor).toMatch(/^ro\[31motx{400,500}$/);
  });

  it('tells in parts, and again what was not taken', async () => {
    const count = maxAuditBatch + 1;
    await writeFile(newer, Array.from({ length: count }, (_, index) => lineOf(`l${String(index)}`)).join(''));
    let isBroken = true;
    follow((lines) => {
      if (isBroken && lines.length === 1) return Promise.reject(new Error('no database'));
      told.push(...lines);
      return Promise.resolve();
    });
    await vi.waitFor(() => {
      clock.advance(auditLookMs);
      expect(logger.error).toHaveBeenCalled();
    });
    await vi.waitFor(() => expect(told).toHaveLength(maxAuditBatch));
    isBroken = false;
    await tells(...Array.from({ length: count }, (_, index) => `l${String(index)}`));
    expect(logger.error).toHaveBeenCalledOnce();
  });

  it('reads through no link, and waits for files that are not there', async () => {
    const other = join(root, 'other');
    await writeFile(other, lineOf('x'));
    await symlink(other, newer);
    follow();
    await vi.waitFor(() => expect(logger.error).toHaveBeenCalledOnce());
    await rm(newer);
    await writeFile(newer, lineOf('a'));
    await tells('a');
  });

  it('looks no more after its end', async () => {
    follow();
    await follower?.dispose();
    await writeFile(newer, lineOf('a'));
    await tells();
  });
});
