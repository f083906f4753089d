import { useMemo } from 'react';
import type { PluginView } from '@fleetwire/plugin-manager/browser';
import { useContributions, usePlugins } from '@fleetwire/plugin-manager/react';
import { contributionOf, type PluginContribution } from './plugin-contributions.ts';

/** What became of each plugin in this tab, by its id. */
export function useTabPlugins(): ReadonlyMap<string, PluginView> {
  const plugins = usePlugins();
  return useMemo(() => new Map(plugins.map((plugin) => [plugin.id, plugin])), [plugins]);
}

/** Everything that plugins add to this tab. */
export function useTabContributions(): readonly PluginContribution[] {
  const navigation = useContributions('navigation');
  const routes = useContributions('route');
  const columns = useContributions('listColumn');
  const sections = useContributions('detailSection');
  const actions = useContributions('rowAction');
  const widgets = useContributions('overviewWidget');
  const themes = useContributions('theme');
  const commands = useContributions('command');
  return useMemo(
    () =>
      [navigation, routes, columns, sections, actions, widgets, themes, commands].flatMap((registered) =>
        registered.map(contributionOf),
      ),
    [navigation, routes, columns, sections, actions, widgets, themes, commands],
  );
}
