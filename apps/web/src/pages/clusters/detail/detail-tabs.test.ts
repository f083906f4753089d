import { expect, it } from 'vitest';
import { detailTabOf } from './DetailTabs.tsx';

it('an address names a tab, and the first one where it names none', () => {
  expect(['terminal', 'logs', 'nothing', 'toString', undefined].map(detailTabOf)).toEqual([
    'terminal',
    'logs',
    'overview',
    'overview',
    'overview',
  ]);
});
