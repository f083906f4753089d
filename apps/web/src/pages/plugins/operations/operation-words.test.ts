import { expect, it } from 'vitest';
import type { PluginOperationView } from '@fleetwire/plugin-manager';
import { bytesOf, changedNameOf, lostOutcomeOf, outcomeOf, phaseOf, titleOfOperation } from './operation-words.ts';

const view: PluginOperationView = {
  id: 'o',
  action: 'install',
  pluginId: 'a:b/c',
  state: 'done',
  percentage: 100,
  progress: { type: 'success', message: 'Plugin Installed', percentage: 100 },
  warnings: [],
  startedAt: 0,
  startedBy: 'admin',
};

it('an outcome names the plugin, and the version that is active since', () => {
  expect(outcomeOf({ ...view, version: '1.2.0' }, 'Cost').title).toBe('Cost 1.2.0 was installed');
  expect(outcomeOf({ ...view, action: 'update', version: '1.3.0' }, 'Cost').title).toBe('Cost was updated to 1.3.0');
  expect(outcomeOf({ ...view, action: 'rollback', version: '1.2.0' }, 'Cost').title).toBe(
    'Cost was rolled back to 1.2.0',
  );
  expect(outcomeOf({ ...view, action: 'uninstall' }, 'Cost').title).toBe('Cost was removed');
  expect(outcomeOf({ ...view, action: 'repair', version: '1.2.0' }, 'Cost').title).toBe('Cost was repaired');
});

it('a failure gives its message and its code', () => {
  const failure = {
    code: 'E_INTEGRITY',
    message: 'another digest',
    phase: 'integrity',
    retryable: false,
    details: {},
  } as const;
  expect(outcomeOf({ ...view, state: 'failed', failure }, 'Cost')).toEqual({
    tone: 'bad',
    title: 'Could not install Cost',
    message: 'another digest (E_INTEGRITY)',
  });
});

it('what was cancelled is no failure', () => {
  expect(outcomeOf({ ...view, state: 'cancelled' }, 'Cost')).toMatchObject({
    tone: 'good',
    message: 'Nothing has changed.',
  });
});

it('bytes say how many of how many, and how fast, as far as it is known', () => {
  expect(bytesOf(undefined)).toBe('');
  expect(bytesOf({ done: 512, rate: 0 })).toBe('512 B');
  expect(bytesOf({ done: 1_048_576, total: 2_097_152, rate: 524_288 })).toBe('1.00 MiB of 2.00 MiB, 512 KiB/s');
});

it('the step is told in words', () => {
  expect(phaseOf({ state: 'queued' })).toBe('Waiting for its turn');
  expect(phaseOf({ state: 'running', phase: 'download' })).toBe('Downloading');
  expect(phaseOf({ state: 'running' })).toBe('Starting');
});

it('an operation has a title', () => {
  expect(titleOfOperation('rollback', 'Cost')).toBe('Roll back Cost');
});

it('a failure tells the name that the package has now, where that is what is another', () => {
  const changes = [
    { what: 'keyId', expected: 'k1' },
    { what: 'packageName', expected: 'app', found: 'other' },
  ];
  expect(changedNameOf({ code: 'E_PUBLISHER_CHANGED', details: { changes } })).toBe('other');
  expect(changedNameOf({ code: 'E_PUBLISHER_CHANGED', details: { changes: changes.slice(0, 1) } })).toBeUndefined();
  expect(changedNameOf({ code: 'E_PUBLISHER_CHANGED', details: {} })).toBeUndefined();
  expect(changedNameOf({ code: 'E_INTEGRITY', details: { changes } })).toBeUndefined();
});

it('of an operation that nobody knows the end of, what is installed by now is told', () => {
  const messageOf = (installed: string | null | undefined) => lostOutcomeOf('update', 'Clock', installed).message;
  expect(lostOutcomeOf('update', 'Clock', null).title).toBe('Updating Clock: nobody knows what came of it');
  expect(messageOf('1.1.0')).toBe('The server no longer knows of the operation. 1.1.0 is installed now.');
  expect(messageOf(null)).toBe('The server no longer knows of the operation. It is not installed now.');
  expect(messageOf(undefined)).toBe('The server no longer knows of the operation. Look at what is installed.');
});
