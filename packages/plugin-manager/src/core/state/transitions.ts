import { PluginError } from '../../protocol/error.ts';
import type { InstalledBuild, InstalledState, PluginState, PublisherPin } from '../../protocol/state.ts';

/** Nothing is installed. */
export const emptyState: PluginState = { schemaVersion: 1, generation: 0, plugins: {} };

/** Earlier versions that are kept for a rollback. */
const keptPrevious = 2;

/** A change of what is installed. */
export type StateEvent =
  | {
      readonly type: 'install';
      readonly pluginId: string;
      readonly build: InstalledBuild;
      readonly publisher: PublisherPin;
      readonly isEnabled: boolean;
    }
  | {
      readonly type: 'update';
      readonly pluginId: string;
      readonly build: InstalledBuild;
      readonly publisher: PublisherPin;
      /** Default: as it was. */
      readonly isEnabled?: boolean | undefined;
    }
  | {
      readonly type: 'rollback';
      readonly pluginId: string;
      /** The build to go back to; those between are given up but for `kept`. Default: the newest that is kept. */
      readonly to?: string | undefined;
      /** Builds that are passed over and stay, behind those before `to`. Default: none. */
      readonly kept?: readonly string[] | undefined;
    }
  | { readonly type: 'remove'; readonly pluginId: string }
  | { readonly type: 'setEnabled'; readonly pluginId: string; readonly isEnabled: boolean }
  | { readonly type: 'setPinned'; readonly pluginId: string; readonly isPinned: boolean };

/** What the store has to do once the new state is on the disk. */
export interface StateEffect {
  readonly type: 'trashBuild';
  readonly pluginId: string;
  readonly build: string;
}

/** The next state and what follows from it; the same state where nothing changed. */
export interface StateTransition {
  readonly state: PluginState;
  readonly effects: readonly StateEffect[];
}

/**
 * What an event makes of the state. Throws a {@link PluginError}: E_NOT_INSTALLED for a plugin that is not there,
 * E_NO_ROLLBACK where no earlier version is kept.
 */
export function stateTransition(state: PluginState, event: StateEvent): StateTransition {
  const { pluginId } = event;
  if (event.type === 'install') {
    const { build, publisher, isEnabled } = event;
    const installed = { active: build, previous: [], isEnabled, isPinned: false, publisher };
    return replaced(state, pluginId, state.plugins[pluginId], installed);
  }
  const old = installedOf(state, pluginId);
  switch (event.type) {
    case 'update': {
      const { build, publisher, isEnabled = old.isEnabled } = event;
      // The same archive once more, mended or with something else said of it, is no other version to go back to.
      const isSame = (earlier: InstalledBuild): boolean =>
        earlier.build === build.build || (earlier.version === build.version && earlier.sha256 === build.sha256);
      const previous = [old.active, ...old.previous].filter((earlier) => !isSame(earlier)).slice(0, keptPrevious);
      return replaced(state, pluginId, old, { ...old, active: build, previous, isEnabled, publisher });
    }
    case 'rollback': {
      const { to = old.previous[0]?.build, kept = [] } = event;
      const at = old.previous.findIndex(({ build }) => build === to);
      const [active, ...previous] = at < 0 ? [] : old.previous.slice(at);
      if (!active) {
        const message = `no version before ${old.active.version} of ${pluginId} is kept`;
        throw new PluginError('E_NO_ROLLBACK', message, { phase: 'resolve', pluginId });
      }
      const passedOver = old.previous.slice(0, at).filter(({ build }) => kept.includes(build));
      return replaced(state, pluginId, old, { ...old, active, previous: [...previous, ...passedOver] });
    }
    case 'remove':
      return replaced(state, pluginId, old, undefined);
    case 'setEnabled':
      if (old.isEnabled === event.isEnabled) return { state, effects: [] };
      return replaced(state, pluginId, old, { ...old, isEnabled: event.isEnabled });
    case 'setPinned':
      if (old.isPinned === event.isPinned) return { state, effects: [] };
      return replaced(state, pluginId, old, { ...old, isPinned: event.isPinned });
  }
}

/** A plugin of the state. Throws a {@link PluginError} with E_NOT_INSTALLED where it is not there. */
export function installedOf(state: PluginState, pluginId: string): InstalledState {
  const installed = Object.hasOwn(state.plugins, pluginId) ? state.plugins[pluginId] : undefined;
  if (installed) return installed;
  throw new PluginError('E_NOT_INSTALLED', `${pluginId} is not installed`, { phase: 'resolve', pluginId });
}

/** The builds of a plugin that its state names, the active one first. */
export function buildsOf(installed: InstalledState | undefined): readonly InstalledBuild[] {
  return installed ? [installed.active, ...installed.previous] : [];
}

function replaced(
  state: PluginState,
  pluginId: string,
  old: InstalledState | undefined,
  next: InstalledState | undefined,
): StateTransition {
  const { [pluginId]: _old, ...others } = state.plugins;
  const kept = new Set(buildsOf(next).map(({ build }) => build));
  const dropped = buildsOf(old).filter(({ build }) => !kept.has(build));
  return {
    state: {
      schemaVersion: 1,
      generation: state.generation + 1,
      plugins: next ? { ...others, [pluginId]: next } : others,
    },
    effects: dropped.map(({ build }) => ({ type: 'trashBuild', pluginId, build })),
  };
}
