import { expect, test } from 'vitest';
import { failureOf, pod, PODS } from '../../../test/store/small-store.ts';
import type { KubeObject } from '../../protocol/kube-object.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';

test.each([
  ['app=web', { app: 'web' }, { app: 'db' }],
  ['app==web', { app: 'web' }, {}],
  ['app!=web', {}, { app: 'web' }],
  ['app in (web, db)', { app: 'db' }, { app: 'x' }],
  ['app notin (web,db)', {}, { app: 'web' }],
  ['app', { app: '' }, {}],
  ['!app', { other: '1' }, { app: '1' }],
  ['level>3', { level: '4' }, { level: '3' }],
  ['level<3', { level: '2' }, { level: 'x' }],
  ['app=web,tier in (a,b),!old', { app: 'web', tier: 'a' }, { app: 'web', tier: 'a', old: '' }],
  ['example.com/app=web', { 'example.com/app': 'web' }, { app: 'web' }],
  ['app=', { app: '' }, { app: 'x' }],
])('the label selector %s fits %o and not %o', (selector, fitting, other) => {
  const matches = parseLabelSelector(selector);
  expect([matches?.(fitting as Record<string, string>), matches?.(other as Record<string, string>)]).toEqual([
    true,
    false,
  ]);
});

test.each(['a b', 'a in', 'a in (b', '=x', 'a=b=c', 'a,,b', '!', 'a>x', '-a=b', 'a=-b'])(
  'the label selector %j is a bad request',
  (selector) => {
    expect(failureOf(() => parseLabelSelector(selector)).code).toBe(400);
  },
);

test.each([
  ['metadata.name=x', true],
  ['metadata.name!=x', false],
  ['metadata.namespace==a,spec.nodeName=n', true],
  ['status.phase=', true],
  ['status.phase!=Running', true],
  ['spec.nodeName=m', false],
])('the field selector %s answers %s', (selector, expected) => {
  const object = pod('x', { namespace: 'a' }, { nodeName: 'n' }) as unknown as KubeObject;
  expect(parseFieldSelector(selector, PODS)?.matches(object)).toBe(expected);
});

test('jobs are selected by how many of their pods have succeeded, under the name of the real server', () => {
  const jobs = { ...PODS, fieldSelectors: ['status.successful'] };
  const fits = (selector: string, status: object): boolean | undefined =>
    parseFieldSelector(selector, jobs)?.matches({ ...pod('x'), status } as unknown as KubeObject);
  expect(fits('status.successful=0', { failed: 1 })).toBe(true);
  expect(fits('status.successful=0', { succeeded: 1 })).toBe(false);
  expect(fits('status.successful!=0', { succeeded: 1 })).toBe(true);
});

test('a field that the type does not offer is a bad request with the words of the real server', () => {
  const { code, message } = failureOf(() => parseFieldSelector('spec.other=1', PODS));
  expect(code).toBe(400);
  expect(message).toContain('field label not supported: spec.other');
});

test('empty selectors select everything', () => {
  expect(parseLabelSelector('')).toBeUndefined();
  expect(parseFieldSelector(undefined, PODS)).toBeUndefined();
});
