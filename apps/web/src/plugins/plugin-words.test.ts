import { PluginLoadError } from '@fleetwire/plugin-manager/browser';
import { expect, it } from 'vitest';
import { whatBecame, whyNot } from './plugin-words.ts';

const id = 'hub:acme/a';
const problem = new PluginLoadError('E_PLUGIN_ACTIVATE', 'activate failed: Error: no', {
  pluginId: id,
  phase: 'activate',
});

it.each([
  [{ status: 'failed', reason: undefined, problem }, 'activate failed: Error: no'],
  [
    { status: 'disabled', reason: 'crashed 3 times within 60 s', problem },
    'It crashed 3 times within 60 s. activate failed: Error: no',
  ],
  [
    { status: 'disabled', reason: 'disabled by the server', problem: undefined },
    'It was disabled. Whoever manages plugins can enable it again.',
  ],
  [{ status: 'incompatible', reason: 'it is for Fleetwire 2', problem: undefined }, 'it is for Fleetwire 2'],
] as const)('says why, without the id: %#', (view, text) => {
  expect(whyNot(view)).toBe(text);
});

it('has a word for whatever does not run', () => {
  expect((['failed', 'disabled', 'incompatible', 'blocked'] as const).map(whatBecame)).not.toContain(undefined);
});
