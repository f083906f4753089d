import type { InstalledBuild, InstalledState, PluginState } from '../../protocol/state.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import { buildsOf } from './transitions.ts';

/** A folder of the store that has a receipt that fits its place. */
export interface FoundBuild {
  readonly pluginId: string;
  readonly build: string;
}

/** A build with what its receipt says. */
export interface ReceivedBuild extends FoundBuild {
  readonly receipt: Receipt;
}

/** What a look into the store has found. */
export interface FoundBuilds<B extends FoundBuild = FoundBuild> {
  readonly found: readonly B[];
  /** Plugins of which not everything could be read: what they have is not known, and nothing of theirs is changed. */
  readonly unreadable: ReadonlySet<string>;
}

/** What is to be done so that state and store agree. */
export interface Recovery {
  /** The same object where nothing changes. */
  readonly state: PluginState;
  /** Builds that the state does not name: a commit or its clean-up was interrupted. */
  readonly orphans: readonly FoundBuild[];
  /** Plugins whose active build is gone and that went back to an earlier one. */
  readonly rolledBack: readonly {
    readonly pluginId: string;
    readonly from: InstalledBuild;
    readonly to: InstalledBuild;
  }[];
  /** Plugins whose active build is gone and that nothing may take the place of; they stay, so that somebody sees them. */
  readonly broken: readonly string[];
}

/**
 * Builds that a plugin could go back to by itself, newest first: of those whose active build is gone. Never of one that
 * is pinned: somebody chose its version.
 */
export function fallbacksOf(state: PluginState, { found, unreadable }: FoundBuilds): readonly FoundBuild[] {
  const present = new Set(found.map(keyOf));
  return Object.entries(state.plugins).flatMap(([pluginId, { active, previous, isPinned }]) => {
    if (isPinned || unreadable.has(pluginId) || present.has(keyOf({ pluginId, build: active.build }))) return [];
    return previous.map(({ build }) => ({ pluginId, build })).filter((build) => present.has(keyOf(build)));
  });
}

/** What was found of {@link fallbacksOf}; what is neither may not be loaded, or cannot be read now. */
export interface JudgedFallbacks {
  /** Their files were compared with the receipt, and they may be loaded. */
  readonly sound: readonly FoundBuild[];
  /** Their files are not what the receipt says. */
  readonly damaged: readonly FoundBuild[];
}

/**
 * What a start makes of the state on the disk and the builds that have a receipt. A build that is passed over and not
 * damaged is kept, behind the others: the policy and the disk may be of another mind tomorrow.
 */
export function planRecovery(
  state: PluginState,
  { found, unreadable }: FoundBuilds,
  { sound, damaged }: JudgedFallbacks,
): Recovery {
  const present = new Set(found.map(keyOf));
  const isSound = new Set(sound.map(keyOf));
  const isDamaged = new Set(damaged.map(keyOf));
  const plugins: Record<string, InstalledState> = {};
  const rolledBack: Recovery['rolledBack'][number][] = [];
  const broken: string[] = [];
  let isChanged = false;
  for (const [pluginId, installed] of Object.entries(state.plugins)) {
    plugins[pluginId] = installed;
    if (unreadable.has(pluginId)) continue;
    const isPresent = ({ build }: InstalledBuild): boolean => present.has(keyOf({ pluginId, build }));
    const { active: from } = installed;
    const whole = installed.previous.filter(isPresent);
    const to = isPresent(from) ? from : whole.find(({ build }) => isSound.has(keyOf({ pluginId, build })));
    if (to === undefined) {
      broken.push(pluginId);
      continue;
    }
    if (whole.length === installed.previous.length && to === from) continue;
    if (to !== from) rolledBack.push({ pluginId, from, to });
    const at = whole.indexOf(to);
    const passedOver = whole
      .slice(0, Math.max(0, at))
      .filter(({ build }) => !isDamaged.has(keyOf({ pluginId, build })));
    plugins[pluginId] = { ...installed, active: to, previous: [...whole.slice(at + 1), ...passedOver] };
    isChanged = true;
  }
  const named = new Set(
    Object.entries(plugins).flatMap(([pluginId, installed]) =>
      buildsOf(installed).map(({ build }) => keyOf({ pluginId, build })),
    ),
  );
  return {
    state: isChanged ? { schemaVersion: 1, generation: state.generation + 1, plugins } : state,
    orphans: found.filter((build) => !named.has(keyOf(build)) && !unreadable.has(build.pluginId)),
    rolledBack,
    broken,
  };
}

/**
 * The state that receipts tell of, where `state.json` is lost: of each plugin the build that was installed last is
 * active, the two before it are kept, and the publisher is the one of the active build, whom somebody accepted if it was
 * another once. The key is the last that this publisher signed with. Whether a plugin was enabled is in no receipt: all
 * are disabled, since one that somebody disabled must not come back by itself.
 */
export function rebuildState(builds: readonly ReceivedBuild[], generation: number): PluginState {
  const byPlugin = new Map<string, ReceivedBuild[]>();
  for (const build of builds) byPlugin.set(build.pluginId, [...(byPlugin.get(build.pluginId) ?? []), build]);
  const plugins: Record<string, InstalledState> = {};
  for (const [pluginId, ofPlugin] of [...byPlugin].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const ordered = ofPlugin.sort((left, right) => right.receipt.installedAt - left.receipt.installedAt);
    const [newest, ...earlier] = ordered;
    if (!newest) continue;
    const { repositoryId, packageName } = newest.receipt;
    const signed = ordered.find(({ receipt }) => receipt.repositoryId === repositoryId && receipt.keyId !== undefined);
    const keyId = signed?.receipt.keyId;
    plugins[pluginId] = {
      active: installedBuildOf(newest.build, newest.receipt),
      previous: earlier.slice(0, 2).map(({ build, receipt }) => installedBuildOf(build, receipt)),
      isEnabled: false,
      isPinned: false,
      publisher: { repositoryId, packageName, ...(keyId !== undefined && { keyId }) },
    };
  }
  return { schemaVersion: 1, generation, plugins };
}

/** How the state names the build that a receipt is of. */
export function installedBuildOf(build: string, { version, sha256, installedAt }: Receipt): InstalledBuild {
  return { version, build, sha256, installedAt };
}

function keyOf({ pluginId, build }: FoundBuild): string {
  return `${pluginId} ${build}`;
}
