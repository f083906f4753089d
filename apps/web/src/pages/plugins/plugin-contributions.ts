import type { Registered } from '@fleetwire/plugin-manager/browser';

/** A kind of what plugins add. */
export type ContributionKind = Registered['kind'];

/** Something that a plugin adds to this tab. */
export interface PluginContribution {
  readonly key: string;
  readonly pluginId: string;
  readonly kind: ContributionKind;
  readonly title: string;
  /** Where it shows: a path, or what a list or a page is of. */
  readonly place?: string | undefined;
  /** It works once the plugin's code has run, and that has not yet. */
  readonly awaitsCode: boolean;
}

const words: Readonly<Record<ContributionKind, readonly [one: string, many: string]>> = {
  navigation: ['navigation entry', 'navigation entries'],
  route: ['page', 'pages'],
  listColumn: ['column', 'columns'],
  detailSection: ['section', 'sections'],
  rowAction: ['action', 'actions'],
  overviewWidget: ['widget', 'widgets'],
  theme: ['theme', 'themes'],
  command: ['command', 'commands'],
};

/** A kind as a heading says it: `Column`. */
export function kindTitle(kind: ContributionKind): string {
  const [one] = words[kind];
  return one.charAt(0).toUpperCase() + one.slice(1);
}

/** What works as the manifest declares it. */
const withoutCode: ReadonlySet<ContributionKind> = new Set(['navigation', 'theme']);

/** What the registry holds, as the page shows it. */
export function contributionOf({ key, pluginId, kind, value, isDeclared }: Registered): PluginContribution {
  const given = value as {
    readonly id: string;
    readonly title?: string;
    readonly path?: string;
    readonly to?: string;
    readonly target?: string;
  };
  const place = given.target ?? given.path ?? given.to;
  return {
    key,
    pluginId,
    kind,
    title: given.title ?? given.path ?? given.id,
    place,
    awaitsCode: isDeclared && !withoutCode.has(kind),
  };
}

/** How much of each kind there is: `2 columns, 1 page`; empty for nothing. */
export function countKinds(contributions: readonly Pick<PluginContribution, 'kind'>[]): string {
  const counts = new Map<ContributionKind, number>();
  for (const { kind } of contributions) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${String(count)} ${words[kind][count === 1 ? 0 : 1]}`).join(', ');
}

/** By the plugin that each is from. */
export function byPlugin(
  contributions: readonly PluginContribution[],
): ReadonlyMap<string, readonly PluginContribution[]> {
  const grouped = new Map<string, PluginContribution[]>();
  for (const contribution of contributions) {
    const group = grouped.get(contribution.pluginId);
    if (group === undefined) grouped.set(contribution.pluginId, [contribution]);
    else group.push(contribution);
  }
  return grouped;
}
