import type { PluginLoadError, PluginView } from '@fleetwire/plugin-manager/browser';

/** Why a plugin does not run, in a sentence, without its id, which stands beside it. */
export function whyNot({ status, reason, problem }: Pick<PluginView, 'status' | 'reason' | 'problem'>): string {
  if (status === 'disabled' && problem === undefined)
    return 'It was disabled. Whoever manages plugins can enable it again.';
  const text = problem?.reason ?? reason ?? '';
  return reason !== undefined && problem !== undefined ? `It ${reason}. ${text}` : text;
}

/** What became of a plugin that does not run. */
export function whatBecame(status: Exclude<PluginView['status'], 'active' | 'pending' | 'loading'>): string {
  return words[status];
}

const words = {
  failed: 'failed',
  disabled: 'is disabled',
  incompatible: 'is for another version',
  blocked: 'is not let in',
} as const;

/** What a plugin declares and does not have in this tab, with why. */
export function whatIsMissing(warnings: readonly Pick<PluginLoadError, 'reason'>[]): string {
  return `Not all that it declares is here: ${warnings.map(({ reason }) => reason).join('; ')}.`;
}
