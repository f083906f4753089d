import { expect, it, vi } from 'vitest';

/** Holds once more than vitest's own second has passed. */
function later(): () => boolean {
  const startedAt = performance.now();
  return () => performance.now() - startedAt > 1_200;
}

it.concurrent('a wait without a limit outlasts a machine that is busy for more than a second', async () => {
  const [first, second] = [later(), later()];
  await Promise.all([vi.waitFor(() => expect(first()).toBe(true)), expect.poll(second).toBe(true)]);
});

it.concurrent('a wait with a limit of its own keeps it', async () => {
  const isNot = { interval: 5, message: 'in vain' };
  const never = () => expect(1).toBe(2);
  for (const options of [20, { ...isNot, timeout: 20 }])
    await expect(vi.waitFor(never, options)).rejects.toThrow('expected 1 to be 2');
});
