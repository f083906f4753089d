import type { InstalledBuild, InstalledState, PluginState } from '../../protocol/state.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import { buildNameOf } from './folder-names.ts';
import { buildsOf } from './transitions.ts';

/** A folder of the store that has a receipt that fits its place. */
export interface FoundBuild {
  readonly pluginId: string;
  readonly build: string;
}

/** What is to be done so that state and store agree. */
export interface Recovery {
  /** The same object where nothing changes. */
  readonly state: PluginState;
  /** Builds that the state does not name: a commit or its clean-up was interrupted. */
  readonly orphans: readonly FoundBuild[];
  /** Plugins whose active build is gone and that went back to an earlier one. */
  readonly rolledBack: readonly string[];
  /** Plugins of which no build is left; they stay, so that somebody sees them. */
  readonly broken: readonly string[];
}

/** What a start makes of the state on the disk and the builds that are whole. */
export function planRecovery(state: PluginState, found: readonly FoundBuild[]): Recovery {
  const present = new Set(found.map(keyOf));
  const plugins: Record<string, InstalledState> = {};
  const rolledBack: string[] = [];
  const broken: string[] = [];
  let isChanged = false;
  for (const [pluginId, installed] of Object.entries(state.plugins)) {
    const isPresent = ({ build }: InstalledBuild): boolean => present.has(keyOf({ pluginId, build }));
    const [active, ...previous] = buildsOf(installed).filter(isPresent);
    plugins[pluginId] = installed;
    if (!active) {
      broken.push(pluginId);
      continue;
    }
    if (previous.length === installed.previous.length && active === installed.active) continue;
    if (active !== installed.active) rolledBack.push(pluginId);
    plugins[pluginId] = { ...installed, active, previous };
    isChanged = true;
  }
  const named = new Set(
    Object.entries(plugins).flatMap(([pluginId, installed]) =>
      buildsOf(installed).map(({ build }) => keyOf({ pluginId, build })),
    ),
  );
  return {
    state: isChanged ? { schemaVersion: 1, generation: state.generation + 1, plugins } : state,
    orphans: found.filter((build) => !named.has(keyOf(build))),
    rolledBack,
    broken,
  };
}

/**
 * The state that receipts tell of, where `state.json` is lost: of each plugin the build that was installed last is
 * active, the two before it are kept, and the publisher is the one of the oldest. Whether a plugin was enabled is in no
 * receipt: all are disabled, since one that somebody disabled must not come back by itself.
 */
export function rebuildState(receipts: readonly Receipt[], generation: number): PluginState {
  const byPlugin = new Map<string, Receipt[]>();
  for (const receipt of receipts) {
    const id = pluginIdOf(receipt.ref);
    byPlugin.set(id, [...(byPlugin.get(id) ?? []), receipt]);
  }
  const plugins: Record<string, InstalledState> = {};
  for (const [pluginId, ofPlugin] of [...byPlugin].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const [newest, ...earlier] = ofPlugin.sort((left, right) => right.installedAt - left.installedAt);
    if (!newest) continue;
    const { repositoryId, packageName, signature } = earlier.at(-1) ?? newest;
    plugins[pluginId] = {
      active: installedBuildOf(newest),
      previous: earlier.slice(0, 2).map(installedBuildOf),
      isEnabled: false,
      isPinned: false,
      publisher: { repositoryId, packageName, ...(signature && { keyId: signature.keyId }) },
    };
  }
  return { schemaVersion: 1, generation, plugins };
}

/** How the state names the build that a receipt is of. */
export function installedBuildOf(receipt: Receipt): InstalledBuild {
  return { version: receipt.version, build: buildNameOf(receipt), installedAt: receipt.installedAt };
}

function keyOf({ pluginId, build }: FoundBuild): string {
  return `${pluginId} ${build}`;
}
