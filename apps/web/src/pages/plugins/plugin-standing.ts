import type { PluginSummary } from '@fleetwire/plugin-manager';
import type { PluginLoadError, PluginView } from '@fleetwire/plugin-manager/browser';
import { whatIsMissing } from '../../plugins/plugin-words.ts';

/** How a plugin does, in a word with its colour; `off`: nothing is wrong, and nothing runs. */
export interface PluginStanding {
  readonly tone: 'good' | 'busy' | 'bad' | 'off';
  readonly label: string;
  /** Why, in a sentence. */
  readonly reason?: string | undefined;
  /** What may help: to start it again in this tab, or the page anew where that would come to the same. */
  readonly remedy?: 'retry' | 'reload';
}

/** What this tab made of a plugin, as far as it matters here. */
export type TabView = Pick<PluginView, 'status' | 'reason'> & {
  readonly problem?: Pick<PluginLoadError, 'code' | 'reason' | 'needsReload'> | undefined;
  readonly warnings?: readonly Pick<PluginLoadError, 'reason'>[];
  readonly hasRun?: boolean;
};

/** How a plugin does: what the server says of it, and what became of it in this tab. */
export function standingOf(plugin: PluginSummary, view: TabView | undefined): PluginStanding {
  switch (plugin.status) {
    case 'broken':
      return { tone: 'bad', label: 'Broken', reason: plugin.reason ?? 'Its files are not what its receipt says.' };
    case 'blocked':
      return { tone: 'bad', label: 'Blocked', reason: plugin.reason ?? 'The policy does not let it load.' };
    case 'incompatible':
      return {
        tone: 'bad',
        label: 'Incompatible',
        reason: plugin.reason ?? 'It is not for this version of the server.',
      };
    case 'ok':
      break;
  }
  if (!plugin.isEnabled) {
    if (view?.hasRun !== true) return { tone: 'off', label: 'Disabled' };
    const reason = 'Its code stays in this tab until it is loaded anew.';
    return { tone: 'off', label: 'Disabled', reason, remedy: 'reload' };
  }
  if (!plugin.hasEntry) {
    return { tone: 'off', label: 'Nothing to load', reason: 'It has no module for this dashboard.' };
  }
  return view === undefined ? { tone: 'off', label: 'Enabled', reason: 'Not loaded in this tab yet.' } : inTab(view);
}

function inTab({ status, reason, problem, warnings = [] }: TabView): PluginStanding {
  const remedy = problem?.needsReload === true ? 'reload' : 'retry';
  const why = problem === undefined ? reason : `${problem.reason} (${problem.code})`;
  switch (status) {
    case 'pending':
      return { tone: 'good', label: 'Ready', reason: 'It loads when something of it is first used.' };
    case 'loading':
      return { tone: 'busy', label: 'Loading' };
    case 'active':
      if (problem !== undefined) return { tone: 'bad', label: 'Active, has crashed', reason: why };
      if (warnings.length === 0) return { tone: 'good', label: 'Active' };
      return { tone: 'bad', label: 'Active in part', reason: whatIsMissing(warnings) };
    case 'failed':
      return { tone: 'bad', label: 'Failed in this tab', reason: why, remedy };
    case 'disabled':
      return problem === undefined
        ? { tone: 'off', label: 'Not loaded in this tab', reason: why && asSentence(why) }
        : { tone: 'bad', label: 'Crashed in this tab', reason: why, remedy };
    case 'incompatible':
      return { tone: 'bad', label: 'Incompatible', reason: why };
    case 'blocked':
      return { tone: 'bad', label: 'Blocked', reason: why };
  }
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace('..', '.');
}
