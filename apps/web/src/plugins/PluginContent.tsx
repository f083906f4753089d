import type { MouseEvent, ReactElement } from 'react';
import { Button, Group, Text } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { messageOf, type Registered } from '@fleetwire/plugin-manager/browser';
import { ContributionView, usePlugins, type ContributionFailure } from '@fleetwire/plugin-manager/react';
import { Fence } from '../ui/Fence.tsx';
import { Icon } from '../ui/icons.tsx';
import { followLink } from './PluginLink.tsx';
import { titleOf } from './plugin-title.ts';

/** The name of a plugin, for people: with its id where another one has the same title. */
export function usePluginTitle(pluginId: string): string {
  const plugins = usePlugins();
  const plugin = plugins.find(({ id }) => id === pluginId);
  return plugin === undefined ? pluginId : titleOf(plugin, plugins);
}

/** Says from which plugin something is. */
export function PluginTag({ pluginId }: { readonly pluginId: string }): ReactElement {
  return (
    <span className="fw-tag" title={`From the plugin ${pluginId}`}>
      {usePluginTitle(pluginId)}
    </span>
  );
}

/**
 * What a plugin shows, kept to itself: a failure of it is named in its place. Links to the dashboard's own pages lead
 * there without loading the page anew.
 */
export function PluginContent(props: {
  readonly contribution: Registered;
  readonly componentProps?: object | undefined;
  /** Stands in its place while it waits for something. */
  readonly loading?: ReactElement;
}): ReactElement {
  const { history } = useRouter();
  const onClick = (event: MouseEvent): void => {
    followLink(event, history);
  };
  return (
    // The links in it take the keys; this only hears of the clicks that they make of them.
    <div className="fw-plugin-content" data-plugin={props.contribution.pluginId} onClick={onClick}>
      <ContributionView {...props} fallback={failed} />
    </div>
  );
}

const failed = (failure: ContributionFailure): ReactElement => (
  <Fence text="A plugin failed here. Everything else works.">
    <PluginFailed {...failure} />
  </Fence>
);

function PluginFailed({ contribution, error, retry }: ContributionFailure): ReactElement {
  const name = usePluginTitle(contribution.pluginId);
  return (
    <Group className="fw-plugin-failed" role="alert" gap="sm" wrap="nowrap" data-testid="plugin-failed">
      <Icon name="alert" />
      <Text size="sm" component="div" flex={1}>
        <b>The plugin “{name}” failed here.</b> Everything else works.
        <div className="fw-plugin-reason">{messageOf(error)}</div>
      </Text>
      <Button variant="default" size="xs" onClick={retry}>
        Try again
      </Button>
    </Group>
  );
}
