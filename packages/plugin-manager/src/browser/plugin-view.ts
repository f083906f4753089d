import type { PluginLoadState, PluginStatus } from '../core/plugin-load-machine.ts';
import type { RuntimePlugin } from '../protocol/runtime.ts';
import type { PluginLoadError } from './plugin-load-error.ts';

/** A plugin as the dashboard shows it. */
export interface PluginView {
  readonly id: string;
  readonly title: string;
  readonly version: string | undefined;
  readonly build: string | undefined;
  readonly status: PluginStatus;
  /** Why it does not run: for `disabled`, `incompatible` and `blocked`. */
  readonly reason: string | undefined;
  /** Why it failed or was disabled; of an active one, its last crash, or what nobody caught. */
  readonly problem: PluginLoadError | undefined;
  /** What it declares and does not have in this tab: what is not valid or not registered, routes that others have. */
  readonly warnings: readonly PluginLoadError[];
  /** Its code has run in this page. What it left there stays until the page is loaded anew, also when it does not run. */
  readonly hasRun: boolean;
}

/** What a view is of. */
interface Viewed {
  readonly id: string;
  readonly listed: RuntimePlugin | undefined;
  readonly state: PluginLoadState<PluginLoadError>;
  /** Of the run that `state` is in. */
  readonly lastCrash: PluginLoadError | undefined;
  readonly warnings: readonly PluginLoadError[];
  readonly hasRun: boolean;
}

/** The view of a plugin. */
export function viewOf({ id, listed, state, lastCrash, warnings, hasRun }: Viewed): PluginView {
  return {
    id,
    title: listed?.title ?? id,
    version: listed?.version,
    build: 'build' in state ? state.build : undefined,
    status: state.status,
    reason: 'reason' in state ? state.reason : undefined,
    problem: 'problem' in state ? state.problem : 'crashes' in state ? lastCrash : undefined,
    warnings,
    hasRun,
  };
}
