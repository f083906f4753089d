import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PluginState } from '../../protocol/state.ts';
import { planRecovery, rebuildState } from './recovery.ts';
import { parseReceipt, parseState } from './schema.ts';
import { buildsOf, emptyState, stateTransition, type StateEvent } from './transitions.ts';

const publisher = { repositoryId: 'r', packageName: 'p' };
const pluginIds = ['hub:repo/a', 'hub:repo/b'] as const;

const event: fc.Arbitrary<StateEvent> = fc
  .tuple(fc.constantFrom(...pluginIds), fc.nat(4), fc.boolean(), fc.nat(5))
  .map(([pluginId, minor, flag, kind]): StateEvent => {
    const version = `1.${String(minor)}.0`;
    const build = { version, build: `${version}-0123456789ab`, sha256: 'a'.repeat(64), installedAt: minor };
    switch (kind) {
      case 0:
        return { type: 'rollback', pluginId };
      case 1:
        return { type: 'remove', pluginId };
      case 2:
        return { type: 'setEnabled', pluginId, isEnabled: flag };
      case 3:
        return { type: 'setPinned', pluginId, isPinned: flag };
      default:
        return { type: 'update', pluginId, build, publisher };
    }
  });

function apply(state: PluginState, next: StateEvent): ReturnType<typeof stateTransition> {
  const isFirst = next.type === 'update' && !Object.hasOwn(state.plugins, next.pluginId);
  try {
    return stateTransition(state, isFirst ? { ...next, type: 'install', isEnabled: true } : next);
  } catch {
    return { state, effects: [] };
  }
}

function named(state: PluginState): ReadonlySet<string> {
  return new Set(
    Object.entries(state.plugins).flatMap(([id, plugin]) => buildsOf(plugin).map(({ build }) => `${id} ${build}`)),
  );
}

it('after any events: three builds at most and each once, what is dropped is trashed, the generation grows by one', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state = emptyState;
      for (const next of events) {
        const { state: after, effects } = apply(state, next);
        const trashed = new Set(effects.map(({ pluginId, build }) => `${pluginId} ${build}`));
        expect(trashed).toEqual(new Set([...named(state)].filter((build) => !named(after).has(build))));
        for (const plugin of Object.values(after.plugins)) {
          const builds = buildsOf(plugin).map(({ build }) => build);
          expect(builds.length).toBeLessThanOrEqual(3);
          expect(new Set(builds).size).toBe(builds.length);
        }
        expect(after.generation).toBe(state.generation + (after === state ? 0 : 1));
        expect(parseState(JSON.stringify(after))).toEqual(after);
        state = after;
      }
    }),
  );
});

it('a recovery names only builds that are there, unless none of a plugin is, and everything else is an orphan', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), fc.array(fc.boolean()), (events, losses) => {
      const state = events.reduce((before, next) => apply(before, next).state, emptyState);
      const all = [...named(state), 'hub:repo/c 1.0.0-0123456789ab'].map((key) => {
        const [pluginId = '', build = ''] = key.split(' ');
        return { pluginId, build };
      });
      const found = all.filter((_build, index) => losses[index] !== true);
      const recovery = planRecovery(state, { found, unreadable: new Set() }, { sound: found, damaged: [] });
      const present = new Set(found.map(({ pluginId, build }) => `${pluginId} ${build}`));
      for (const [pluginId, plugin] of Object.entries(recovery.state.plugins)) {
        const whole = buildsOf(plugin).filter(({ build }) => present.has(`${pluginId} ${build}`));
        const isBroken = recovery.broken.includes(pluginId);
        expect(whole.length).toBe(isBroken ? 0 : buildsOf(plugin).length);
      }
      const kept = named(recovery.state);
      expect(recovery.orphans).toEqual(found.filter(({ pluginId, build }) => !kept.has(`${pluginId} ${build}`)));
      const again = planRecovery(recovery.state, { found, unreadable: new Set() }, { sound: found, damaged: [] });
      expect(again.state).toBe(recovery.state);
    }),
  );
});

it.each(['', 'null', '[]', '{}', '{"schemaVersion":"1"}', '{"schemaVersion":1,"generation":-1,"plugins":{}}'])(
  'the state %j is corrupt',
  (text) => {
    expect(() => parseState(text)).toThrow(expect.objectContaining({ code: 'E_STATE_CORRUPT' }) as Error);
  },
);

it('what is wrong with a state is said with its place', () => {
  const plugins = { 'hub:repo/a': { active: { version: '1.0.0', build: '../x', installedAt: 0 } } };
  expect(() => parseState(JSON.stringify({ schemaVersion: 1, generation: 1, plugins }))).toThrow(
    'plugins.hub:repo/a.active.build',
  );
});

const receipt = {
  ...{ schemaVersion: 1, managed: true, ref: { source: 'hub', repo: 'repo', name: 'a' }, version: '1.0.0' },
  ...{ repositoryId: 'r', packageName: 'p', title: 'A', sha256: 'a'.repeat(64), archiveBytes: 1, urlChain: [] },
  ...{ digest: { algorithm: 'sha256', hex: 'a'.repeat(64) }, files: [], installedAt: 1 },
};

it.each(['../x', '/etc/passwd', 'a//b', 'a/./b', 'a\\b', 'a\0b', ''])('a receipt with the path %j is none', (path) => {
  const files = [{ path, size: 1, sha256: 'a'.repeat(64), integrity: 'sha384-' }];
  expect(parseReceipt(JSON.stringify(receipt))).toEqual(receipt);
  expect(() => parseReceipt(JSON.stringify({ ...receipt, files }))).toThrow(
    expect.objectContaining({ code: 'E_FILES_CHANGED' }) as Error,
  );
});

it('a state is rebuilt with what was installed last as active, and its publisher; of its keys the last one', () => {
  const of = (minor: number, packageName: string, more: object = {}): object => ({
    ...receipt,
    ...{
      version: `1.${String(minor)}.0`,
      installedAt: minor,
      packageName,
      repositoryId: `r${String(Math.min(minor, 2))}`,
      ...more,
    },
  });
  const receipts = [of(2, 'b', { keyId: 'k2' }), of(4, 'd'), of(1, 'a', { keyId: 'k1' }), of(3, 'c', { keyId: 'k3' })];
  const builds = receipts.map((each) => {
    const parsed = parseReceipt(JSON.stringify(each));
    return { pluginId: 'hub:repo/a', build: `${parsed.version}-0123456789ab`, receipt: parsed };
  });
  const { plugins } = rebuildState(builds, 9);
  expect(plugins['hub:repo/a']).toMatchObject({
    active: { version: '1.4.0' },
    previous: [{ version: '1.3.0' }, { version: '1.2.0' }],
    publisher: { repositoryId: 'r2', packageName: 'd', keyId: 'k3' },
    isEnabled: false,
  });
});
