import { PluginError, pluginErrors, type PluginErrorCode } from '@fleetwire/plugin-manager';
import { expect, it } from 'vitest';
import { Problem } from '../http/problem.ts';
import { pluginProblem } from './plugin-problem.ts';

const of = (code: PluginErrorCode) =>
  pluginProblem(
    new PluginError(code, 'of /var/lib/fleetwire', { phase: 'resolve', pluginId: 'a:b/c', details: { x: 1 } }),
  ) as Problem;

it('keeps code, phase and details of a failure', () => {
  expect(of('E_PUBLISHER_CHANGED')).toMatchObject({
    status: 422,
    code: 'E_PUBLISHER_CHANGED',
    extensions: { phase: 'resolve', retryable: false, pluginId: 'a:b/c', details: { x: 1 } },
  });
});

it.each<[PluginErrorCode, number]>([
  ['E_NAME_INVALID', 400],
  ['E_NOT_INSTALLED', 404],
  ['E_UP_TO_DATE', 409],
  ['E_INTEGRITY', 422],
  ['E_INCOMPATIBLE_HOST', 422],
  ['E_TLS', 502],
  ['E_NETWORK', 503],
])('answers %s with %i', (code, status) => {
  expect(of(code).status).toBe(status);
});

it('says when to ask again for all that may succeed later, and for nothing else', () => {
  for (const code of Object.keys(pluginErrors) as PluginErrorCode[])
    expect([code, of(code).retryAfterMs !== undefined]).toEqual([code, pluginErrors[code].retryable]);
});

it('does not tell where the store is', () => {
  for (const code of Object.keys(pluginErrors) as PluginErrorCode[])
    if (/^E_(?:STATE|STORE|LOCKED$)/.test(code))
      expect(JSON.stringify([of(code), of(code).message])).not.toContain('/var/lib');
  expect(of('E_STORE_FULL').extensions).not.toHaveProperty('details');
});

it('leaves other errors as they are', () => {
  const error = new TypeError('x');
  expect(pluginProblem(error)).toBe(error);
});
