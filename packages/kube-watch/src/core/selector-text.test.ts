import { expect, it } from 'vitest';
import { selectorText } from './selector-text.ts';

it('writes a selector as the API takes it', () => {
  const selector = {
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['a', 'b'] },
      { key: 'env', operator: 'NotIn', values: ['dev'] },
      { key: 'team', operator: 'Exists' },
      { key: 'old', operator: 'DoesNotExist' },
    ],
  } as const;
  expect(selectorText(selector)).toBe('app=web,tier in (a,b),env notin (dev),team,!old');
  expect(selectorText({})).toBe('');
});
