import { kubeChannel } from '@fleetwire/kube-watch';
import type { NamedContext } from './own-clusters-api.ts';

/** Characters of a cluster's name at most, as for the server. */
const maxNameLength = 253;

/** What the name measures in the channel of the cluster, where others than letters and digits take more. */
const maxChannelLength = 512;

/** A name that a cluster may have, after that of its context: OpenShift's have slashes. */
export function suggestName(context: string): string {
  return context.replaceAll(/[/,\p{C}\p{Zl}\p{Zp}]+/gu, '-').trim();
}

/** What is wrong with a name for a cluster, in a sentence; undefined when nothing is. */
export function problemOfName(name: string, taken: ReadonlySet<string>): string | undefined {
  const text = name.trim();
  if (text === '') return 'Give it a name.';
  if (text.length > maxNameLength) return `Use at most ${String(maxNameLength)} characters.`;
  // Clusters stand in addresses, several of them with commas between.
  if (/[/,]/.test(text)) return 'Use no slashes and commas.';
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(text)) return 'Use no invisible characters.';
  // What a browser would take for a folder.
  if (text === '.' || text === '..') return 'Use more than dots.';
  if (kubeChannel(text).length > maxChannelLength) return 'Use fewer characters: these take more than one place each.';
  return taken.has(text) ? `There is a cluster “${text}” already. Choose another name.` : undefined;
}

/** The same for clusters that are brought together, by context: two of one name are wrong, too. */
export function problemsOfNames(
  named: readonly NamedContext[],
  taken: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  const before = new Set<string>();
  for (const { context, name } of named) {
    const text = name.trim();
    const problem =
      problemOfName(name, taken) ??
      (before.has(text) ? `Another one that you add is called “${text}”. Choose another name.` : undefined);
    if (problem !== undefined) problems.set(context, problem);
    before.add(text);
  }
  return problems;
}
