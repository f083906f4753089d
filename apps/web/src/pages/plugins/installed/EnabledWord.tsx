import type { ReactElement } from 'react';
import { Text } from '@mantine/core';
import type { PluginSummary } from '@fleetwire/plugin-manager';
import type { PluginStanding } from '../plugin-standing.ts';

/** Whether a plugin is enabled, for those who may not change it; nothing where its standing says the same. */
export function EnabledWord(props: {
  readonly plugin: Pick<PluginSummary, 'isEnabled'>;
  readonly standing: Pick<PluginStanding, 'label'>;
}): ReactElement | null {
  const word = props.plugin.isEnabled ? 'Enabled' : 'Disabled';
  if (word === props.standing.label) return null;
  return (
    <Text span size="sm" c="dimmed">
      {word}
    </Text>
  );
}
