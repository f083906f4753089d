import { describe, expect, it } from 'vitest';
import type { PluginSummary } from '@fleetwire/plugin-manager';
import { standingOf } from './plugin-standing.ts';

const plugin: PluginSummary = {
  managed: true,
  id: 'hub:repo/name',
  pluginName: 'name',
  folderName: 'hub~repo~name',
  title: 'Name',
  version: '1.0.0',
  build: '1.0.0-abc',
  installedAt: 0,
  status: 'ok',
  isEnabled: true,
  isPinned: false,
  hasEntry: true,
  previous: [],
};
const problem = { code: 'E_PLUGIN_ACTIVATE', reason: 'activate threw', needsReload: false } as const;

describe('what the server says comes first', () => {
  it('a broken plugin is broken, whatever the tab still runs', () => {
    const standing = standingOf(
      { ...plugin, status: 'broken', reason: 'main.js has changed' },
      { status: 'active', reason: undefined },
    );
    expect(standing).toMatchObject({ tone: 'bad', label: 'Broken', reason: 'main.js has changed' });
  });

  it('a disabled plugin is off at once, before the tab has stopped it', () => {
    expect(standingOf({ ...plugin, isEnabled: false }, { status: 'active', reason: undefined }).label).toBe('Disabled');
  });

  it('of a disabled plugin that has run here, its code stays until the page is loaded anew', () => {
    const view = { status: 'disabled', reason: undefined, hasRun: true } as const;
    expect(standingOf({ ...plugin, isEnabled: false }, view)).toEqual({
      tone: 'off',
      label: 'Disabled',
      reason: 'Its code stays in this tab until it is loaded anew.',
      remedy: 'reload',
    });
  });

  it('one without a module has nothing to load', () => {
    expect(standingOf({ ...plugin, hasEntry: false }, undefined)).toMatchObject({
      tone: 'off',
      label: 'Nothing to load',
    });
  });
});

describe('of one that is enabled, what became of it in this tab', () => {
  it('a failure says why, and may be tried again', () => {
    expect(standingOf(plugin, { status: 'failed', reason: undefined, problem })).toEqual({
      tone: 'bad',
      label: 'Failed in this tab',
      reason: 'activate threw (E_PLUGIN_ACTIVATE)',
      remedy: 'retry',
    });
  });

  it('one that crashed too often is told apart from one that safe mode keeps away', () => {
    expect(standingOf(plugin, { status: 'disabled', reason: 'three crashes', problem }).label).toBe(
      'Crashed in this tab',
    );
    expect(standingOf(plugin, { status: 'disabled', reason: 'safe mode: no plugin is loaded' })).toMatchObject({
      tone: 'off',
      reason: 'Safe mode: no plugin is loaded.',
    });
  });

  it('an active one that has crashed is not simply well', () => {
    expect(standingOf(plugin, { status: 'active', reason: undefined }).tone).toBe('good');
    expect(standingOf(plugin, { status: 'active', reason: undefined, problem }).tone).toBe('bad');
  });
});

it('a module that failed as such comes to the same in this page, so that only the page anew can help', () => {
  const failed = { code: 'E_PLUGIN_EVALUATE', reason: 'threw', needsReload: true } as const;
  expect(standingOf(plugin, { status: 'failed', reason: undefined, problem: failed }).remedy).toBe('reload');
});

it('what it declares and does not have here is said of a plugin that runs', () => {
  const warnings = [{ reason: 'declares the route "r" and does not register it' }];
  expect(standingOf(plugin, { status: 'active', reason: undefined, warnings })).toMatchObject({
    tone: 'bad',
    label: 'Active in part',
    reason: 'Not all that it declares is here: declares the route "r" and does not register it.',
  });
});
