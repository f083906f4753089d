import { expect, it } from 'vitest';
import { fuzzyFilter, fuzzyMatch } from './fuzzy-match.ts';

const filter = (query: string, texts: readonly string[]) => fuzzyFilter(query, texts, (text) => text);

it('the characters of a query are found in their order, and where they stand is told', () => {
  expect(fuzzyMatch('dpl', 'Deployments')?.positions).toEqual([0, 2, 3]);
  expect(fuzzyMatch('ld', 'Deployments')).toBeUndefined();
  expect(fuzzyMatch('', 'Pods')?.positions).toEqual([]);
});

it('beginnings of words are what is meant', () => {
  expect(fuzzyMatch('np', 'Network policies')?.positions).toEqual([0, 8]);
  expect(fuzzyMatch('crb', 'Cluster role bindings')?.positions).toEqual([0, 8, 13]);
  // Not when the rest could not be found then.
  expect(fuzzyMatch('pol', 'Open policy')?.positions).toEqual([5, 6, 7]);
});

it('whole words come before scattered characters, the start before the middle, the shorter before the longer', () => {
  expect(filter('pod', ['Pull of deck', 'Set of pods', 'Pod templates', 'Pods'])).toEqual([
    'Pods',
    'Pod templates',
    'Set of pods',
    'Pull of deck',
  ]);
});

it('every word must fit, in any order', () => {
  expect(filter('kube pods', ['Pods in kube-system', 'Pods in default', 'kube'])).toEqual(['Pods in kube-system']);
});

it('without a query all stay in their order', () => {
  expect(filter('  ', ['b', 'a'])).toEqual(['b', 'a']);
});

it('a long query against a long text ends soon', () => {
  const before = performance.now();
  fuzzyMatch('a '.repeat(50) + 'ab'.repeat(100), 'a'.repeat(5_000));
  expect(performance.now() - before).toBeLessThan(500);
});
