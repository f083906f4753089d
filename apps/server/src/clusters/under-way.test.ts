import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { UserIdentity } from '../accounts/access-token.ts';
import { createUnderWay } from './under-way.ts';

const startAt = 1_800_000_000_000;
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
beforeEach(() => {
  vi.useFakeTimers({ now: startAt });
});
afterEach(() => {
  vi.useRealTimers();
});

const identityOf = (overrides: Partial<UserIdentity> = {}): UserIdentity => ({
  userId: 'u',
  orgId: 'o',
  username: 'vera',
  role: 'viewer',
  proof: 'sign-in',
  jti: 'j',
  expiresAt: startAt + 600_000,
  ...overrides,
});

/** Something that runs for this identity, which is there until `alive.is` says otherwise. */
async function run(identity: UserIdentity, isAlive: () => Promise<boolean>) {
  const stream = new PassThrough();
  const underWay = createUnderWay(isAlive, logger);
  expect(await underWay.admit(stream, async () => identity)).toBe(identity);
  return { stream, underWay };
}

it('what a sign-in opened outlasts its access token, and ends with the sign-in', async () => {
  let alive = true;
  const { stream } = await run(identityOf(), async () => alive);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(stream.destroyed).toBe(false);
  alive = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stream.destroyed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('what a personal token opened ends when that expires', async () => {
  const expiresAt = startAt + 90_000;
  const personal = identityOf({ proof: 'personal-token', expiresAt });
  const { stream } = await run(personal, async () => Date.now() < expiresAt);
  await vi.advanceTimersByTimeAsync(89_999);
  expect(stream.destroyed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(stream.destroyed).toBe(true);
});

it('nothing is cut while it cannot be looked up whether a sign-in is there', async () => {
  const { stream } = await run(identityOf(), () => Promise.reject(new Error('the database is away')));
  await vi.advanceTimersByTimeAsync(180_000);
  expect(stream.destroyed).toBe(false);
  expect(logger.warn).toHaveBeenCalled();
});

it('access that changes while a request is checked makes it be checked again', async () => {
  const stream = new PassThrough();
  const underWay = createUnderWay(async () => true, logger);
  let count = 0;
  const admitted = underWay.admit(stream, async () => {
    count += 1;
    if (count > 1) return undefined;
    // Read before the change, and told after it.
    underWay.accessChanged({ orgId: 'other' });
    underWay.accessChanged({ orgId: 'o', userId: 'u' });
    return identityOf();
  });
  expect(await admitted).toBeUndefined();
  expect(count).toBe(2);
});
