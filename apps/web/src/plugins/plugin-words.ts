import type { PluginView } from '@fleetwire/plugin-manager/browser';

/** Why a plugin does not run, in a sentence, without its id, which stands beside it. */
export function whyNot({ id, status, reason, problem }: Omit<PluginView, 'build' | 'title' | 'version'>): string {
  if (status === 'disabled' && problem === undefined)
    return 'It was disabled. Whoever manages plugins can enable it again.';
  const why = problem?.message ?? reason ?? '';
  const own = `${id}: `;
  const text = why.startsWith(own) ? why.slice(own.length) : why;
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
