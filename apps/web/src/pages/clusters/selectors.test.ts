import { expect, it } from 'vitest';
import { fieldSelectorProblem, labelSelectorProblem } from './selectors.ts';

it.each([
  '',
  'app=web',
  'app==web',
  'app != web',
  'app',
  '!app',
  'app in (web, api),tier notin (cache)',
  'app.kubernetes.io/name=web,environment in (production)',
  'app=',
])('%j selects by labels', (text) => {
  expect(labelSelectorProblem(text)).toBeUndefined();
});

it.each([
  ['app=web,', 'comma'],
  ['app in (web', 'bracket'],
  ['app in web', 'is no condition'],
  ['app web', 'is no condition'],
  ['-app=web', 'is no label'],
  ['Example.com/name=web', 'is no label'],
  ['a/b/c=web', 'is no label'],
  ['app=we b', 'is no condition'],
  ['app=web!', 'is no value'],
  [`app=${'x'.repeat(64)}`, 'is no value'],
  ['app in (web, -)', 'is no value'],
])('%j is told to be wrong', (text, problem) => {
  expect(labelSelectorProblem(text)).toContain(problem);
});

it.each(['', 'status.phase=Running', 'metadata.name!=web, spec.nodeName==node-1', 'spec.nodeName='])(
  '%j selects by fields',
  (text) => {
    expect(fieldSelectorProblem(text)).toBeUndefined();
  },
);

it.each([
  ['status.phase', 'is no condition'],
  ['status.phase=Running,', 'comma'],
  ['=Running', 'is no condition'],
  ['a=b=c', 'is no condition'],
])('%j is told to be wrong', (text, problem) => {
  expect(fieldSelectorProblem(text)).toContain(problem);
});
