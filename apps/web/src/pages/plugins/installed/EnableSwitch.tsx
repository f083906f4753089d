import { useState, type ReactElement } from 'react';
import { Switch } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { PluginList, PluginSummary } from '@fleetwire/plugin-manager';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { usePluginsApi, usePluginsKey } from '../api/use-plugins-api.ts';
import { withSummary } from './plugin-list.ts';

/** Enables and disables a plugin in all tabs. It shows at once what was asked for, and goes back where that fails. */
export function EnableSwitch({
  plugin,
  name,
}: {
  readonly plugin: PluginSummary;
  /** What tells it from all others. */
  readonly name: string;
}): ReactElement {
  const { id, isEnabled } = plugin;
  const api = usePluginsApi();
  const key = usePluginsKey();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<boolean>();
  const isOn = asked ?? isEnabled;

  const toggle = async (wanted: boolean): Promise<void> => {
    const showToast = beginToasts();
    setAsked(wanted);
    try {
      const summary = await api.setEnabled(id, wanted);
      // An answer to what was asked before is older than this one.
      await queries.cancelQueries({ queryKey: key('list') });
      queries.setQueryData<PluginList>(key('list'), (list) => withSummary(list, summary));
      void queries.invalidateQueries({ queryKey: key('list') });
      void queries.invalidateQueries({ queryKey: key('details', id) });
    } catch (error) {
      const is = isEnabled ? 'enabled' : 'disabled';
      showToast({ tone: 'bad', title: `${name} is still ${is}`, message: (error as Error).message });
    }
    setAsked(undefined);
  };
  return (
    <Switch
      size="sm"
      withThumbIndicator={false}
      aria-label={`${name} enabled`}
      checked={isOn}
      aria-busy={asked !== undefined}
      onChange={(event) => {
        if (asked === undefined) void toggle(event.currentTarget.checked);
      }}
    />
  );
}
