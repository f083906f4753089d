import { useState, type ReactElement } from 'react';
import { Button, Loader } from '@mantine/core';
import { messageOf, type Registered } from '@fleetwire/plugin-manager/browser';
import { ContributionView, useContributions, type ContributionFailure } from '@fleetwire/plugin-manager/react';
import type { TargetProps } from '@fleetwire/plugin-manager/sdk';
import { Fence } from '../ui/Fence.tsx';
import { hasIcon, Icon } from '../ui/icons.tsx';
import { usePluginTitle } from './PluginContent.tsx';
import { useRunContribution } from './use-run-contribution.ts';

/** What plugins let one do with an object. `targets`: the names of its kind. */
export function PluginActions(props: {
  readonly targets: readonly string[];
  readonly target: TargetProps;
  readonly size?: 'xs' | 'sm';
}): ReactElement {
  const actions = useContributions('rowAction', { target: props.targets });
  return (
    <>
      {actions.map((action) => (
        <PluginAction key={action.key} action={action} target={props.target} size={props.size ?? 'sm'} />
      ))}
    </>
  );
}

interface ActionProps {
  readonly action: Registered<'rowAction'>;
  readonly target: TargetProps;
  readonly size: 'xs' | 'sm';
}

/** Asks the plugin in rendering whether the action makes sense, and so has a boundary of its own. */
function PluginAction(props: ActionProps): ReactElement {
  return (
    <ContributionView
      contribution={props.action}
      render={() => <ActionButton {...props} />}
      fallback={(failure) => (
        <Fence text="An action of a plugin failed.">
          <FailedAction {...failure} {...props} />
        </Fence>
      )}
    />
  );
}

function ActionButton({ action, target, size }: ActionProps): ReactElement {
  const { isDeclared, value, pluginId } = action;
  const { title, icon = '' } = value;
  const run = useRunContribution();
  const name = usePluginTitle(pluginId);
  const [isRunning, setIsRunning] = useState(false);
  // A plugin whose code has not run cannot say; it is asked again when it has.
  const isEnabled = isDeclared || value.isEnabled === undefined || value.isEnabled(target);
  return (
    <Button
      size={size}
      variant="default"
      disabled={!isEnabled}
      title={`From the plugin ${name}`}
      leftSection={isRunning ? <Loader size={14} /> : hasIcon(icon) ? <Icon name={icon} size={16} /> : undefined}
      aria-busy={isRunning}
      onClick={() => {
        if (isRunning) return;
        setIsRunning(true);
        void run(action, target).finally(() => {
          setIsRunning(false);
        });
      }}
    >
      {title}
    </Button>
  );
}

function FailedAction({ action, size, error, retry }: ActionProps & ContributionFailure): ReactElement {
  const name = usePluginTitle(action.pluginId);
  return (
    <Button
      size={size}
      variant="default"
      title={`The plugin ${name} failed here: ${messageOf(error)}. Try again.`}
      leftSection={<Icon name="alert" size={16} />}
      onClick={retry}
    >
      {action.value.title} failed
    </Button>
  );
}
