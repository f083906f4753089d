import { expect, it } from 'vitest';
import { nothingFound } from './nothing-found.ts';

it('of a source that did not answer, nothing is known, whatever was searched for', () => {
  expect(nothingFound({ q: 'x', page: 1, failed: ['lab'] })).toMatchObject({
    kind: 'error',
    title: 'lab did not answer, so nothing is known of “x”',
    remedy: 'retry',
  });
  expect(nothingFound({ q: '', page: 3, failed: ['lab', 'hub'] })).toMatchObject({
    title: 'lab and hub did not answer, so nothing is known of what is there',
    // On such a page there may be nothing anyway.
    remedy: 'clear',
  });
});

it('where all have answered, there is nothing of that name, no such page, or nothing at all', () => {
  expect(nothingFound({ q: 'x', page: 1, failed: [] }).title).toBe('Nothing is called “x”');
  expect(nothingFound({ q: 'x', page: 2, failed: [] }).title).toBe('There is no page 2');
  expect(nothingFound({ q: '', page: 1, failed: [] })).toMatchObject({ title: 'The catalog is empty' });
});
