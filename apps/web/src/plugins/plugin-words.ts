import type { PluginView } from '@fleetwire/plugin-manager/browser';

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

/** What is wrong where something is declared and the code that ran does not bring it. */
export function notBrought(what: string): string {
  return `Its package.json declares ${what}, and its code runs without registering that. Whoever made it can mend it.`;
}
