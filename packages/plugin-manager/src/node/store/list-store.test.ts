import { expect, it } from 'vitest';
import { PluginError } from '../../protocol/error.ts';
import { reasonOf } from './list-store.ts';
import { storeError } from './store-error.ts';

it('what is wrong with a plugin is said, and what is wrong with the disk is not said to be of the plugin', () => {
  const system = Object.assign(new Error("EIO: i/o error, open '/srv/plugins/x'"), { code: 'EIO' });
  for (const error of [system, storeError(system), 'EIO'])
    expect(reasonOf(error)).toBe('its files cannot be read at the moment');
  expect(storeError(system).message).toBe('the plugin store cannot be used: EIO');
  expect(reasonOf(new PluginError('E_FILES_CHANGED', 'main.js was changed', { phase: 'integrity' }))).toBe(
    'main.js was changed',
  );
});
