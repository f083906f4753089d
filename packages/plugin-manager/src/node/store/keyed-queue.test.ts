import { expect, it } from 'vitest';
import { createKeyedQueue } from './keyed-queue.ts';

function gate() {
  let open!: () => void;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

it('goes one after the other under a key, in order and past failures, and side by side under others', async () => {
  const queue = createKeyedQueue();
  const [first, done] = [gate(), [] as string[]];
  const a = queue.run('a', () => first.promise.then(() => Promise.reject(new Error('broken'))));
  const second = queue.run('a', async () => done.push('second'));
  const third = queue.run('a', async () => done.push('third'));
  await queue.run('b', async () => done.push('other'));
  expect(done).toEqual(['other']);
  first.open();
  await expect(a).rejects.toThrow('broken');
  await Promise.all([second, third]);
  expect(done).toEqual(['other', 'second', 'third']);
});

it('refuses the newest where too many wait, and takes the place of one that has left', async () => {
  const queue = createKeyedQueue(2);
  const [first, left] = [gate(), gate()];
  const running = queue.run('a', () => first.promise);
  const leaving = queue.run('a', () => Promise.reject(new Error('it had left')), left.promise);
  await expect(queue.run('a', async () => 'refused')).rejects.toMatchObject({ code: 'E_LOCKED' });
  left.open();
  await expect(leaving).rejects.toMatchObject({ code: 'E_CANCELLED' });
  const taken = queue.run('a', async () => 'taken');
  first.open();
  await running;
  expect(await taken).toBe('taken');
});

it('keeps the place of one that runs, whoever says that it has left', async () => {
  const queue = createKeyedQueue();
  const first = gate();
  const running = queue.run('a', () => first.promise.then(() => 1), Promise.resolve());
  const order: string[] = [];
  const next = queue.run('a', async () => order.push('next'));
  await Promise.resolve();
  order.push('still first');
  first.open();
  expect(await running).toBe(1);
  await next;
  expect(order).toEqual(['still first', 'next']);
});
