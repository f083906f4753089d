import type { PluginDetails } from '@fleetwire/plugin-manager';
import { expect, it } from 'vitest';
import { openDetailsOf, openListOf } from './plugin-disclosure.ts';

const plugin = (artifacthubURL: string) => ({ managed: true, artifacthubURL }) as PluginDetails;

it.each([
  ['https://artifacthub.io/packages/headlamp/a/b', true],
  ['https://hub.internal/packages/headlamp/a/b', false],
  ['https://artifacthub.io.internal/packages/headlamp/a/b', false],
  ['http://artifacthub.io:8443/packages/headlamp/a/b', false],
])('of the page %s tells those who may not manage plugins: %s', (url, isTold) => {
  const told = isTold ? url : undefined;
  expect(openDetailsOf(plugin(url)).artifacthubURL).toBe(told);
  expect(openListOf({ generation: 1, items: [plugin(url)] }).items[0]).toMatchObject({ artifacthubURL: told });
});
